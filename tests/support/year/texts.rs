//! What the mails of the year say. Written as employers write, without a look at what the
//! program knows.

/// What a text is about.
pub struct About<'a> {
    pub company: &'a str,
    pub role: &'a str,
    /// Behind the role, where the employer has a number for it.
    pub number: &'a str,
    /// A link to the application in a tracking system, on a line of its own, or nothing.
    pub link: &'a str,
    pub signer: &'a str,
}

/// Subject and text.
pub type Text = (String, String);

/// What the user writes when there is no form to fill in.
pub fn own_application(it: &About<'_>, german: bool) -> Text {
    let About { company, role, number, .. } = it;
    if german {
        return (
            format!("Bewerbung als {role}{number}"),
            format!(
                "Sehr geehrte Damen und Herren,\n\nhiermit bewerbe ich mich bei {company} um die \
                 Stelle als {role}. Meine Unterlagen finden Sie im Anhang. Über eine Einladung \
                 zum Gespräch freue ich mich.\n\nMit freundlichen Grüßen\nAlex Morgan"
            ),
        );
    }
    (
        format!("Application for {role}{number}"),
        format!(
            "Dear hiring team,\n\nI am writing to apply for the {role} position at {company}. My \
             CV and cover letter are attached. I look forward to hearing from you.\n\n\
             Kind regards,\nAlex Morgan"
        ),
    )
}

pub fn confirmation(it: &About<'_>, german: bool, variant: usize) -> Text {
    let About { company, role, number, link, .. } = it;
    if german {
        return (
            format!("Eingangsbestätigung: Ihre Bewerbung als {role}"),
            format!(
                "Guten Tag Alex Morgan,\n\nvielen Dank für Ihre Bewerbung als {role}{number} bei \
                 {company}. Wir haben Ihre Unterlagen erhalten und prüfen sie nun sorgfältig. \
                 Das kann einige Tage dauern.\n{link}\nMit freundlichen Grüßen\nIhr {company} \
                 Team"
            ),
        );
    }
    match variant % 4 {
        0 => (
            format!("Thank you for applying to {company}"),
            format!(
                "Hi Alex,\n\nThanks for applying to the {role} role{number} at {company}! We have \
                 received your application and our team will review it shortly. If there is a \
                 fit, somebody will reach out about next steps.\n{link}\n{company} Recruiting"
            ),
        ),
        1 => (
            format!("Your application for {role}"),
            format!(
                "Dear Alex,\n\nthis is to confirm that we received your application for the \
                 position of {role}{number}. We appreciate your interest in {company} and will \
                 get back to you once we have looked at it.\n{link}\nBest wishes,\n{company} \
                 Talent Team"
            ),
        ),
        2 => (
            "Application received".to_owned(),
            format!(
                "Hello Alex Morgan,\n\nyour application for {role}{number} at {company} has been \
                 submitted successfully. You do not need to do anything now.\n{link}\nPlease do \
                 not reply to this message."
            ),
        ),
        _ => (
            format!("{company} - we got your application"),
            format!(
                "Hi Alex,\n\nThank you for your interest in joining {company}. Your application \
                 for {role}{number} has reached us and is under review.\n{link}\nThe {company} \
                 Hiring Team"
            ),
        ),
    }
}

pub fn invitation(it: &About<'_>, german: bool, round: usize) -> Text {
    let About { company, role, link, signer, .. } = it;
    if german {
        return (
            format!("Einladung zum Gespräch: {role}"),
            format!(
                "Guten Tag Alex Morgan,\n\nIhre Bewerbung als {role} hat uns gut gefallen. Wir \
                 möchten Sie gern zu einem Vorstellungsgespräch einladen. Passt Ihnen Dienstag \
                 um 10 Uhr?\n{link}\nMit freundlichen Grüßen\n{signer}\n{company}"
            ),
        );
    }
    match round {
        0 => (
            format!("Interview with {company}"),
            format!(
                "Hi Alex,\n\nthank you for applying for the {role} position. We enjoyed reading \
                 your application and would like to invite you to a first interview by video. \
                 Would Thursday at 14:00 work for you?\n{link}\nBest,\n{signer}\n{company}"
            ),
        ),
        1 => (
            format!("Next steps: {role}"),
            format!(
                "Hi Alex,\n\nit was great to meet you! We would like to invite you to a second \
                 interview with the team. Please pick a time that suits you.\n{link}\nBest,\n\
                 {signer}\n{company}"
            ),
        ),
        _ => (
            format!("Online assessment for your {company} application"),
            format!(
                "Hello Alex,\n\nas the next step in your application for {role} we invite you to \
                 complete an online assessment. It takes about an hour; please finish it within \
                 five days.\n{link}\nGood luck!\n{signer}\n{company}"
            ),
        ),
    }
}

/// A rejection; with `role_named` false it does not tell which application it is about.
pub fn rejection(it: &About<'_>, german: bool, role_named: bool, variant: usize) -> Text {
    let About { company, role, number, link, signer } = it;
    if german {
        let position = if role_named { format!(" als {role}{number}") } else { String::new() };
        return (
            if role_named { format!("Ihre Bewerbung als {role}") } else { "Ihre Bewerbung".into() },
            format!(
                "Guten Tag Alex Morgan,\n\nvielen Dank für Ihre Bewerbung{position} und Ihr \
                 Interesse an {company}. Leider müssen wir Ihnen mitteilen, dass wir uns für \
                 andere Bewerber entschieden haben. Für Ihren weiteren Weg wünschen wir Ihnen \
                 alles Gute.\n{link}\nMit freundlichen Grüßen\n{signer}\n{company}"
            ),
        );
    }
    let (the_role, for_role) = match role_named {
        true => (format!("the {role} position{number}"), format!(" for {role}")),
        false => ("the position".to_owned(), String::new()),
    };
    match variant % 4 {
        0 => (
            format!("Your application{for_role} at {company}"),
            format!(
                "Dear Alex,\n\nthank you for giving us the chance to consider you for {the_role}. \
                 After careful review we have decided to move forward with other candidates \
                 whose experience more closely matches our needs.\n{link}\nWe wish you all the \
                 best in your search.\n\n{signer}\n{company}"
            ),
        ),
        1 => (
            format!("Update on your application{for_role}"),
            format!(
                "Hi Alex,\n\nThank you for your interest in {company} and for the time you put \
                 into your application for {the_role}. Unfortunately, we will not be moving \
                 forward with your application at this time.\n{link}\nBest regards,\nThe \
                 {company} Recruiting Team"
            ),
        ),
        2 => (
            format!("{company} application update"),
            format!(
                "Hello Alex,\n\nwe appreciate that you applied to {the_role} at {company}. We \
                 regret to inform you that you have not been selected to continue in the \
                 process. We had many strong applicants.\n{link}\nSincerely,\n{company} People \
                 Team"
            ),
        ),
        _ => (
            "Regarding your application".to_owned(),
            format!(
                "Dear Alex Morgan,\n\nthank you for applying for {the_role} at {company}. \
                 The position has been filled with another candidate, so we cannot offer \
                 you this role. We will keep your profile on file.\n{link}\nKind regards,\n\
                 {signer}\n{company} HR"
            ),
        ),
    }
}

pub fn offer(it: &About<'_>) -> Text {
    let About { company, role, signer, .. } = it;
    (
        format!("Offer: {role} at {company}"),
        format!(
            "Dear Alex,\n\nwe are delighted to offer you the position of {role} at {company}! \
             The contract is attached; please let us know by Friday whether you accept our \
             offer.\n\nBest regards,\n{signer}\n{company}"
        ),
    )
}

pub fn question(it: &About<'_>) -> Text {
    let About { company, role, signer, .. } = it;
    (
        format!("Your application for {role}: one question"),
        format!(
            "Hi Alex,\n\nthank you for your application for {role}. Before we go on, could you \
             please tell us your salary expectation and your earliest start date?\n\nBest,\n\
             {signer}\n{company}"
        ),
    )
}

pub fn delay(it: &About<'_>) -> Text {
    let About { company, role, signer, .. } = it;
    (
        format!("Your application at {company}"),
        format!(
            "Hi Alex,\n\na short note that we are still reviewing the applications for {role} \
             and that it takes longer than planned. We will come back to you as soon as we \
             can. Thank you for your patience.\n\n{signer}\n{company}"
        ),
    )
}

pub fn own_answer() -> String {
    "Dear team,\n\nthank you, that suits me well. I look forward to it.\n\nBest regards,\nAlex \
     Morgan"
        .to_owned()
}

/// Mail of the same year that is about no application of the user's.
pub fn noise(company: &str, role: &str, variant: usize) -> (String, Text) {
    match variant % 5 {
        0 => (
            "Job Alerts <alerts@jobboard.example>".into(),
            (
                format!("{role} and 12 more jobs for you"),
                format!(
                    "New jobs that match your search:\n\n{role}\n{company}\nBerlin\n\nApply \
                     now\n\nUnsubscribe from these alerts"
                ),
            ),
        ),
        1 => (
            format!("{company} News <news@{}.example>", company.to_lowercase().replace(' ', "")),
            (
                format!("What is new at {company}"),
                "Our autumn collection is here, with twenty percent off until Sunday.\n\n\
                 Unsubscribe"
                    .into(),
            ),
        ),
        2 => (
            "Savings Bank <service@bank.example>".into(),
            (
                "Your account statement".into(),
                "Dear customer,\n\nyour statement for this month is ready in your mailbox of our \
                 online banking.\n\nYour bank"
                    .into(),
            ),
        ),
        3 => (
            "Parcel <no-reply@parcel.example>".into(),
            ("Your parcel arrives today".into(), "Between 12:00 and 14:00 at your door.".into()),
        ),
        _ => (
            "Ole Dahl <ole@friends.example>".into(),
            ("Saturday?".into(), "Hi Alex, are you free on Saturday? We go to the lake.".into()),
        ),
    }
}
