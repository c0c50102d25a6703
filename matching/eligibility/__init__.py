"""May this startup bid, by law and by the call's own terms? Three values, each with what it rests on."""
