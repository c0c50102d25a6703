"""Pages for founders, officers, incubators and the operator: HTML made here, over the services that the API has."""
