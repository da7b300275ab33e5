//! Names, roles and systems that a year is made of.

pub const HEADS: [&str; 26] = [
    "Alder", "Birch", "Copper", "Dawn", "Elm", "Falcon", "Granite", "Harbor", "Iron", "Juniper",
    "Kestrel", "Larch", "Maple", "North", "Oak", "Pine", "Quartz", "River", "Silver", "Timber",
    "Umber", "Violet", "Willow", "Yarrow", "Zephyr", "Heron",
];
pub const TAILS: [&str; 14] = [
    "field", "gate", "works", "mark", "stone", "wind", "loop", "deck", "leaf", "path", "crest",
    "bay", "forge", "line",
];
pub const SUFFIXES: [&str; 7] = ["", "", "", " Labs", " Systems", " Health", " Robotics"];
pub const FORMS: [&str; 5] = ["GmbH", "Inc.", "Ltd", "AG", "SE"];
pub const ROLES: [&str; 24] = [
    "Backend Engineer",
    "Senior Backend Engineer",
    "Frontend Developer",
    "Data Analyst",
    "Data Engineer",
    "Product Manager",
    "Project Manager",
    "UX Designer",
    "DevOps Engineer",
    "Site Reliability Engineer",
    "QA Engineer",
    "Technical Writer",
    "Marketing Manager",
    "Account Executive",
    "Customer Success Manager",
    "Financial Analyst",
    "Office Manager",
    "Research Scientist",
    "Machine Learning Engineer",
    "Mechanical Engineer",
    "Nurse",
    "Teacher",
    "Logistics Coordinator",
    "HR Business Partner",
];
pub const PEOPLE: [&str; 8] = [
    "Nora Berg",
    "Ole Dahl",
    "Ines Roth",
    "Tom Archer",
    "Mia Lund",
    "Paul Hahn",
    "Rosa Vidal",
    "Jan Peters",
];
/// A tracking system: its address, and where its links lead.
pub const SYSTEMS: [(&str, &str); 6] = [
    ("no-reply@us.greenhouse-mail.io", "https://app.greenhouse.io/applications/"),
    ("no-reply@hire.lever.co", "https://hire.lever.co/candidates/"),
    ("no-reply@ashbyhq.com", "https://jobs.ashbyhq.com/application/"),
    ("notifications@smartrecruiters.com", "https://my.smartrecruiters.com/applications/"),
    ("donotreply@myworkday.com", "https://wd3.myworkday.com/inbox/task/"),
    ("noreply@jobvite.com", "https://jobs.jobvite.com/candidate/status/"),
];
