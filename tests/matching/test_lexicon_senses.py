"""Words of several senses: each sentence says which capabilities it is about, and which it only seems to be about."""

from __future__ import annotations

from typing import Final

import pytest

from matching.lexicon import Lexicon, default_lexicon
from matching.text import analyse

# text | capabilities that must be found | capabilities that must not
SENTENCES: Final = """
Recouvrement des créances impayées par voie amiable | debt_collection | roofing roads
Travaux de recouvrement de la toiture en tuiles | roofing | debt_collection
Production de vidéos institutionnelles | audiovisual_production | video_surveillance
Installation de caméras de vidéosurveillance au siège | video_surveillance | audiovisual_production photography
Extension du réseau d'eau potable des douars | drinking_water_supply | it_network telecom_services
Extension du réseau informatique de la faculté | it_network | drinking_water_supply electricity_networks
Extension du réseau électrique moyenne tension | medium_voltage | it_network
Construction de la faculté des lettres et sciences humaines | - | mail_office postal_services courier_postal
Distribution du courrier et affranchissement des lettres | postal_services | school_construction
Paiement de la facture d'eau du siège | - | billing_invoicing
Mise en place de la facturation électronique | billing_invoicing | water
Fourniture de dattes Majhoul conditionnées | dates_oasis | event_organisation
La date limite est fixée au 12 mai | - | dates_oasis
بناء مقر المكتب الوطني للكهرباء | - | office_suite
اقتناء رخص برامج المكتبيات | office_suite | library_services
تقرير باللغة العربية والفرنسية | - | vehicles
تدبير أجور الموظفين | - | building_materials
اقتناء الآجور والإسمنت | building_materials | payroll
Session de formation professionnelle des adultes | training | mining_geology
Étude de la formation géologique du bassin | - | training training_trades
Plateforme de forage pétrolier en mer | - | digital_platform web_application
Développement d'une plateforme numérique d'inscription | digital_platform | oil_gas borehole_drilling
Location d'une plateforme élévatrice | - | digital_platform software
Hébergement du site web et nom de domaine | web_hosting domain_names | hotel_accommodation
Hébergement et restauration des participants | hotel_accommodation | web_hosting cloud_computing
Migration vers le cloud souverain | cloud_computing | -
Sauvegarde des données et plan de reprise | backup_recovery | heritage_restoration
Sauvegarde de la médina et restauration des remparts | heritage_restoration | backup_recovery catering
Service de restauration collective au lycée | catering | heritage_restoration
Tests d'intrusion sur les applications exposées | penetration_testing | intrusion_alarms
Système d'alarme anti-intrusion des locaux | intrusion_alarms | penetration_testing cybersecurity
Pare-feu de nouvelle génération | firewall | fire_safety
Fourniture d'extincteurs et de portes coupe-feu | fire_safety | firewall
Antivirus pour postes de travail | endpoint_security | medicines vaccination_supplies
Vaccins et médicaments antiviraux | medicines | endpoint_security
Entretien du parc automobile | vehicles | leisure_parks green_spaces landscaping
Aménagement d'un parc urbain et de jardins | landscaping | vehicles
Acquisition d'un terminal de paiement électronique | online_payment | maritime_ports
Extension du terminal à conteneurs du port | maritime_ports | online_payment pos_hardware
Étude d'impact sur l'environnement de la carrière | environmental_impact_study | recruitment
Assistance à l'orientation scolaire des élèves | school_guidance | gps_tracking
Serveurs lame et baie de stockage | servers storage | catering
Recrutement de serveurs pour le restaurant | - | servers it_infrastructure
Impression 3D de prothèses | printing_3d | printing_services
Impression d'affiches et de dépliants | printing_services | printing_3d printers
Acquisition d'imprimantes et de photocopieurs | printers | printing_services
Audit énergétique des bâtiments publics | energy_audit | financial_audit it_audit
Audit des comptes de l'exercice clos | financial_audit | energy_audit
Culture de tomates sous serre | greenhouses | culture
Maison de la culture et centre d'animation | culture | agriculture
Puces RFID pour la traçabilité | rfid | carpets_weaving
Câblage informatique et prises RJ45 | structured_cabling | electricity_networks
Signature électronique des marchés | e_signature | electronic_components
Signalisation horizontale de la route | road_signage | signage_display
Panneaux photovoltaïques en toiture | photovoltaic | road_signage signage_display
Montage vidéo et sous-titrage | audiovisual_production | industrial_equipment
Campagne de vaccination du cheptel | livestock | communication_agency
Campagne de communication sur la vaccination | communication_agency | -
Gardiennage et surveillance des locaux | security_guarding | video_surveillance
Bâche et filets d'ombrage | shade_tents | it_network
Gîte rural et maison d'hôtes | guest_house_gite | devops
Semences de blé et d'orge | cereals seeds | strategic_planning
Quartier Hay Salam, commune de Safi | - | animal_feed
Projet de la vallée du Drâa | - | business_continuity
Dépôt de la marque auprès de l'office | - | event_equipment_rental
Système d'information géographique communal | gis | -
Étude de marché et enquête de satisfaction | market_research opinion_polls | e_procurement
Passation des marchés publics | procurement_consulting | slaughterhouse_markets market_research
Construction du marché de gros aux légumes | slaughterhouse_markets | market_research procurement_consulting
Bots and automation for support teams | - | footwear_leather
Bottes de sécurité et gants de protection | ppe | chatbot
We help teams building products ship faster | - | soft_skills_coaching
Our margins improve every month | - | olive_sector
An ecosystem of partners and developers | - | biodiversity
A library of reusable components | - | library_services
Books and shelving for the public library | library_services | software
The operating system for dental clinics | - | operating_system
Windows Server operating system licences | operating_system | -
Our startup raised a seed round | - | acceleration incubation
Startup acceleration programme for founders | acceleration | -
Supply of laptop computers | workstations | -
Cloud seeding to increase rainfall | - | cloud_computing
Oil drilling platform maintenance | - | digital_platform
Recovery of unpaid debts | debt_collection | backup_recovery
Vector control against mosquitoes | mosquito_vector_control | graphic_design
Penetration of new export markets | - | penetration_testing
Fishing nets for artisanal fishers | fisheries | it_network
Bridge over the river | bridges_structures | network_security
Screen printing of banners | printing_services | audiovisual_equipment
Solar-powered water pumping | solar_pumping | -
Installation d'un système de vidéosurveillance | - | audiovisual_production video_conferencing
Travaux d'extension du réseau d'assainissement liquide | - | it_network it_infrastructure
Sondages géotechniques et essais de sol | - | opinion_polls studies
Recouvrement de la chaussée en enrobés | - | debt_collection tax_revenue_software
Aménagement de la plateforme logistique | - | digital_platform logistics_software
Stratégie nationale de développement durable | - | software_development web_application
Recrutement de serveurs pour le restaurant | - | servers it_infrastructure
Application de peinture sur façades | - | mobile_application business_application software
Étude des formations géologiques du bassin | - | training training_digital
Solution saline pour perfusion | - | software digital_platform
Doublage des cloisons en plâtre | - | audiovisual_production
Réunion du conseil communal | - | consulting legal_services management_consulting
Étude du bâtiment recevant du public, ERP de 3e catégorie | - | erp
Fourniture d'avocats et de fruits frais | - | legal_services
Onduleur photovoltaïque raccordé au réseau | - | ups_power_it it_network
أشغال تهيئة أروقة المستشفى | - | stand_design
شبكة التطهير السائل | - | it_network
Marché réservé aux PME et aux coopératives | - | entrepreneurship_support cooperative_support
Éducation et commerce de proximité | - | ecommerce elearning
تركيب كاميرات المراقبة بمقر الجماعة | video_surveillance | audiovisual_production
إنتاج كبسولات فيديو تحسيسية | audiovisual_production | video_surveillance
توسيع شبكة الماء الصالح للشرب | drinking_water_supply | it_network
توسيع الشبكة المعلوماتية للكلية | it_network | drinking_water_supply
شبكة الطرق القروية | - | it_network
إيواء المشاركين وإطعامهم | hotel_accommodation | web_hosting cloud_computing
إيواء الموقع الإلكتروني | web_hosting | hotel_accommodation
تنظيم مباراة في كرة القدم | - | recruitment
تهيئة جناح الولادة بالمستشفى | - | stand_design exhibition_fair
الموسم الفلاحي الحالي | - | festival_shows
إحياء الموسم الثقافي بتنظيم مهرجان | festival_shows | agriculture
وسائل الإعلام الوطنية | - | information_technology
الأنظمة المعلوماتية للوزارة | information_system | -
نظم المعلومات الجغرافية | gis | -
خزانات مياه للشرب | water_tanks | archive_shelving library_services
مشتل المقاولات الناشئة | incubation entrepreneurship_support | nurseries_seedlings
شتلات الزيتون والخروب | nurseries_seedlings | incubation
مشروع جبال الأطلس الكبير | - | cartography
تركيب وتشغيل المعدات المعلوماتية | it_installation | employment_inclusion operating_system
تأمين حظيرة السيارات | insurance_brokerage | cybersecurity
تأمين النظام المعلوماتي | cybersecurity | insurance_brokerage
بناء مركب رياضي | - | vehicles
التكوين في اللغات | language_training | -
التوقيع الإلكتروني للوثائق | e_signature | electronic_components
افتحاص مالي ومحاسباتي | financial_audit | it_audit
افتحاص أمن نظم المعلومات | security_audit | financial_audit
طباعة ثلاثية الأبعاد | printing_3d | printing_services
اقتناء لوحات إلكترونية للتلاميذ | tablets_smartphones | road_signage
"""


def cases() -> list[tuple[str, frozenset[str], frozenset[str]]]:
    rows = [line.split(" | ") for line in SENTENCES.strip().splitlines()]
    return [(text, frozenset(wanted.split()) - {"-"}, frozenset(wrong.split()) - {"-"}) for text, wanted, wrong in rows]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return default_lexicon()


def found(lexicon: Lexicon, text: str) -> set[str]:
    """Capabilities named in a text, and those above them."""
    names: set[str] = set()
    for mention in lexicon.mentions(analyse(text)):
        names |= {lexicon.concepts[n].id for n, _ in ((mention.concept, 1.0), *lexicon.ancestors[mention.concept])}
    return names


def test_the_sentences_name_capabilities_that_exist(lexicon: Lexicon) -> None:
    assert len(cases()) >= 80
    for text, wanted, wrong in cases():
        assert wanted | wrong <= set(lexicon.number), text
        assert not wanted & wrong, text


@pytest.mark.parametrize(("text", "wanted", "wrong"), cases(), ids=[text for text, *_ in cases()])
def test_a_word_is_taken_in_the_sense_of_its_sentence(
    lexicon: Lexicon,
    text: str,
    wanted: frozenset[str],
    wrong: frozenset[str],
) -> None:
    names = found(lexicon, text)
    assert wanted <= names
    assert not wrong & names
