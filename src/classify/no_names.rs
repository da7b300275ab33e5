//! Words that stand where a name may stand and are none, or none of a person.

/// Greetings before a name.
#[rustfmt::skip]
pub const GREETINGS: &[&str] = &[
    "Dear ", "Hi ", "Hello ", "Hey ", "Bonjour ", "Cher ", "Chère ", "Salut ", "Hola ", "Ciao ",
    "Gentile ", "Caro ", "Cara ", "Olá ", "Oi ", "Hej ", "Hoi ", "Beste ", "Dag ", "Hallo ",
    "Liebe ", "Lieber ", "Guten Tag ", "Estimado ", "Estimada ", "Prezado ", "Prezada ",
];

/// Words that open a closing formula.
#[rustfmt::skip]
pub const FAREWELLS: &[&str] = &[
    "kind regards", "best regards", "warm regards", "regards", "sincerely", "yours sincerely",
    "sincerely yours", "best", "best wishes", "all the best", "many thanks", "thanks", "cheers",
    "warmly", "respectfully", "yours", "with kind regards", "warmest regards", "thank you",
    "yours faithfully", "yours truly", "with best wishes", "with regards", "take care",
    "mit freundlichen grüßen", "mit freundlichen grüssen", "freundliche grüße",
    "freundliche grüsse", "viele grüße", "viele grüsse", "beste grüße", "beste grüsse",
    "herzliche grüße", "herzliche grüsse", "mit besten grüßen", "mit besten grüssen",
    "liebe grüße", "liebe grüsse", "schöne grüße", "schöne grüsse", "mit freundlichem gruß",
    "mit freundlichem gruss", "mit herzlichen grüßen", "hochachtungsvoll", "alles gute",
    "alles liebe", "mfg", "lg", "vg", "gruß", "gruss", "grüße", "grüsse",
    "cordialement", "bien cordialement", "très cordialement", "bien à vous", "bien à toi",
    "sincèrement", "salutations", "meilleures salutations", "avec nos meilleures salutations",
    "respectueusement", "à bientôt", "amicalement", "belle journée", "bonne journée",
    "atentamente", "un saludo", "saludos", "un cordial saludo", "saludos cordiales",
    "cordiales saludos", "cordialmente", "reciba un cordial saludo", "un abrazo", "un fuerte abrazo",
    "cordiali saluti", "distinti saluti", "un saluto", "un cordiale saluto", "saluti",
    "a presto", "con i migliori saluti", "cari saluti",
    "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet",
    "vriendelijke groeten", "hartelijke groet", "hartelijke groeten", "met hartelijke groet",
    "groet", "groeten", "groetjes", "lieve groet", "lieve groeten", "hoogachtend", "mvg", "gr",
    "atenciosamente", "com os melhores cumprimentos", "melhores cumprimentos", "cumprimentos",
    "um abraço", "abraço", "abraços", "grata", "grato", "saudações",
    "med vänlig hälsning", "med vänliga hälsningar", "vänlig hälsning", "vänliga hälsningar",
    "vänligen", "bästa hälsningar", "hälsningar", "med bästa hälsningar", "mvh", "hälsn",
    "allt gott", "varma hälsningar",
];

/// The last words of a closing formula that is a sentence of its own.
#[rustfmt::skip]
pub const FAREWELL_ENDS: &[&str] = &[
    "salutations distinguées", "sentiments distingués", "considération distinguée",
    "sentiments les meilleurs", "meilleurs sentiments", "mes salutations", "nos salutations",
    "meilleures salutations", "parfaite considération", "respectueux hommages",
];

/// What stands before the name of somebody who signs for another.
pub const SIGNS_FOR: &[&str] = &["i. a.", "i.a.", "i. v.", "i.v.", "ppa.", "gez.", "p.o.", "p/o"];

/// Departments and posts, in whose place a name could stand.
#[rustfmt::skip]
pub const POSTS: &[&str] = &[
    "abteilung", "accounting", "acquisition", "admin", "afdeling", "amt", "auftrag",
    "auswahlkommission", "avdelning", "avdelningen", "bereich", "business", "chef", "cheffe",
    "comisión", "comissão", "comité", "commissie", "commission", "consultant", "consultante",
    "consultor", "consultora", "coordinator", "coordinatrice", "culture", "customer",
    "departamento", "desk", "dienst", "dipartimento", "dirección", "directeur", "direction",
    "director", "directora", "directrice", "direktion", "direzione", "direção", "einkauf",
    "engineering", "enhetschef", "equipe", "equipo", "executive", "fachbereich", "filiale",
    "finance", "frisör", "front", "gelateria", "geschäftsführer", "geschäftsführerin",
    "geschäftsführung", "geschäftsleitung", "gestione", "gestión", "gestão", "gruppo", "hauptamt",
    "hoofd", "humaines", "humana", "humano", "humanos", "inhaber", "inhaberin", "internal",
    "internationale", "jefa", "jefe", "kommission", "kommun", "kundenservice", "landratsamt",
    "lead", "legal", "leiter", "leiterin", "leitung", "marketing", "mobility", "municipio",
    "município", "officer", "partner", "personalamt", "personalavdelningen", "personalberatung",
    "personaldienst", "personalreferentin", "personalservice", "personalwesen", "personeel",
    "personeelsdienst", "pet", "polizeidirektion", "rathaus", "rector", "rectora", "rectorado",
    "recursos", "referat", "rekryterare", "rektor", "responsable", "ressources", "risorse", "sales",
    "salon", "search", "secretaria", "secretaría", "segreteria", "sekretariat", "selectie",
    "seleção", "senior", "servicio", "servizio", "shop", "sistema", "specialist", "squadra",
    "stadt", "store", "success", "sélection", "talento", "talentos", "talents", "tribunal",
    "ufficio", "umane", "vakgroep", "vertrieb", "ville", "vorstand", "vårdhemmet", "werving",
    "équipe",
];

/// Alone in a line, a subject or a sentence these are no employer.
#[rustfmt::skip]
pub const NO_EMPLOYER: &[&str] = &[
    "équipe", "equipe", "equipo", "squadra", "teamet", "het team", "time de atração", "a direção",
    "abrazo", "abraço", "absage", "acquisition", "adviser", "afdeling", "ansökan", "antw",
    "apprenticeships", "atenciosamente", "atração", "atentamente", "att", "aw", "bacio", "bedankt", "beijo",
    "beijos", "besetzung", "beslut", "best", "bewerbung", "bien cordialement", "bonjour",
    "business services", "campus", "candidate", "candidate home", "candidatura", "candidature",
    "cheers", "ciao", "civil", "civil service", "college", "cordialement", "cordiali saluti",
    "cordialmente", "cumprimentos", "custos", "danke", "decision", "department", "desk",
    "direction", "director", "distinti saluti", "early", "el", "emerging", "emploi saisonnier",
    "esito", "executive", "fw", "fwd", "gente & gestão", "global", "gracias", "grazie", "groeten",
    "groetjes", "group", "guten tag", "hallo", "hartelijks", "hej", "hiring", "hola", "home",
    "hoogachtend", "hr", "hr desk", "hr shared services", "hälsningar", "ihnen", "ihren", "ihrer",
    "il", "initiativbewerbung", "internal", "internship", "jefatura", "jefatura de personal",
    "jobb", "kram", "küchenhilfe", "l'équipe", "la", "la dirección", "la directrice", "le",
    "le directeur", "legal", "les", "liefs", "madame", "madame, monsieur", "med vänlig hälsning",
    "merci", "monsieur", "mvh", "news", "nhs", "notice", "obrigada", "obrigado", "partner",
    "people", "personaldezernat", "pflege", "position", "postulación", "proceso", "processo", "re",
    "reclutamiento", "reclutamiento y selección", "recruiting", "recruiting unit", "recruitment",
    "recruitment services", "recrutement", "recursos humanos", "regards", "resourcing",
    "resultado", "rh", "rif", "rv", "résultat", "saludos", "saluti", "selección", "selezione",
    "service", "service center", "service centre", "services", "señor", "señora",
    "shared services", "sincerely", "sollicitatie", "stelle", "sv", "tack", "talent",
    "talent-acquisition", "talento", "team", "thanks & regards", "tjänst", "tribunal",
    "tribunal de selección", "turno", "ufficio", "unit", "university", "update", "us", "vacante",
    "vacature", "vaga", "vänliga hälsningar", "vänligen", "warmly",
];

/// Departments and teams before the name of their employer.
#[rustfmt::skip]
pub const COMPANY_STARTS: &[&str] = &[
    "Team Talent ", "People Team ", "Team HR ", "HR Team ", "Team ", "Equipo ", "L'équipe ", "Équipe ",
    "Equipe ", "Euer ", "Eure ", "Dein ", "Time de Gente ", "Time ", "Gente e Gestão ",
    "Gente & Gestão ", "Personas y Cultura ", "Personeelsdienst ", "HR-dienst ", "Ufficio Selezione ",
    "Ufficio Personale ", "Dienst HR ", "Talent di ", "HR-afdeling ", "HR-avdelningen ",
    "Personalabteilung ", "Personalavdelningen ", "Ressources Humaines ", "Recursos Humanos ",
    "Vagas ", "Carreiras ", "Carriere ", "Carrières ", "Karriere ", "Jobs ", "Careers ", "Lediga Jobb ",
    "Risorse Umane ", "Talento Humano ", "Service RH ", "Direction RH ", "Recrutement ", "Pessoas ",
    "Talentos ", "People & Culture ", "de Talento ", "de Recrutement ", "de ", "da ", "do ", "del ", "della ", "di ", "du ", "des ",
];

/// Behind the noun for a position these begin no name of one.
#[rustfmt::skip]
pub const NO_POSITION: &[&str] = &[
    "alguien", "altre", "andere", "andra", "aplicación", "arbete", "base", "bij", "bonjour",
    "cerrado", "cette", "che", "ci", "conclusa", "contratación", "cui", "das", "dem", "denna",
    "der", "deze", "die", "empleo", "emprego", "encerrado", "esito", "espontánea", "espontânea",
    "esta", "este", "garde", "hos", "inscripción", "inte", "interesse", "interés", "je", "la",
    "lavoro", "le", "mesmo", "mismo", "niet", "no", "non", "nostra", "notre", "nuestra", "não",
    "oggetto", "ons", "onze", "otras", "outras", "personal", "personale", "pessoal", "presso",
    "que", "quem", "questa", "questo", "quien", "recrutamento", "recrutement", "ref",
    "referencia", "resultado", "réf", "selección", "selectie", "selezione", "seleção", "si",
    "som", "spontanea", "spontanée", "te", "ti", "trabajo", "trabalho", "travail", "uns", "uw",
    "votre", "vår", "werk",
];

/// Words of firms and houses, beside those of `name_words`.
#[rustfmt::skip]
pub const FIRM_WORDS: &[&str] = &[
    "agence", "agenzia", "agência", "asesoría", "assicurazioni", "assurances", "atelier",
    "autohaus", "ayuntamiento", "bakkerij", "bankhaus", "bar", "bemanning", "biblioteca",
    "bilverkstad", "boulangerie", "bouw", "bureau", "bygg", "bäckerei", "büro", "cabinet",
    "caffè", "café", "cerámicas", "cerâmicas", "clinica", "clínica", "comune", "conseil",
    "consultores", "coop", "cooperativa", "câmara", "diputación", "domaine", "energi", "energia",
    "energie", "escola", "escuela", "estudio", "estúdio", "fondation", "fondazione", "fundación",
    "gemeente", "gemeinde", "gestoría", "hochschule", "hofladen", "hogar", "hotel", "hoteles",
    "hotéis", "hôtel", "högskolan", "institut", "instituto", "interim", "intérim", "istituto",
    "kanzlei", "kita", "kliniek", "kommun", "librería", "liceo", "lycée", "mairie", "maison",
    "museo", "museu", "museum", "musée", "måleri", "officina", "officine", "padaria", "panadería",
    "papelaria", "praxis", "restaurant", "restaurante", "ristorante", "scuola", "seguros",
    "seniorenhaus", "servicios", "servizi", "serviços", "sjukhus", "skola", "softwarehaus",
    "spital", "stichting", "stiftung", "talleres", "teatro", "théâtre", "transports", "trattoria",
    "uitzendbureau", "universidad", "universidade", "universiteit", "università", "universität",
    "université", "verein", "verzekeringen", "ziekenhuis", "zorggroep", "åkeri", "école",
    "œuvres",
];
