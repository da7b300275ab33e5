//! The mails of a recruiter to the applicant of a [`World`].

use super::world::World;

/// An invitation by a person, some days old.
pub fn invitation(world: &World) -> String {
    let date = days_ago(9);
    let (nora, alex) = (world.recruiter(), world.applicant());
    let domain = nora.split_once('@').unwrap().1;
    format!(
        "Date: {date}\nFrom: Nora Lindgren <{nora}>\nTo: Alex Morgan <{alex}>\n\
         Subject: Interview: Backend Engineer at Lindgren & Co\n\
         Message-ID: <talk-1@{domain}>\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\n\
         Hi Alex,\n\nwe liked your application for Backend Engineer and would like to invite \
         you to an interview. Would Tuesday at 10:00 suit you?\n\n\
         Best regards,\nNora Lindgren\nLindgren & Co\n"
    )
}

/// Her rejection after the talks, in the same thread.
pub fn rejection(world: &World) -> String {
    let date = days_ago(0);
    let (nora, alex) = (world.recruiter(), world.applicant());
    let domain = nora.split_once('@').unwrap().1;
    format!(
        "Date: {date}\nFrom: Nora Lindgren <{nora}>\nTo: Alex Morgan <{alex}>\n\
         Subject: Your interview for Backend Engineer at Lindgren & Co\n\
         Message-ID: <rej-1@{domain}>\nIn-Reply-To: <talk-1@{domain}>\n\
         References: <first-0@{domain}>\n <talk-1@{domain}>\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\n\
         Hi Alex,\n\nthank you for taking the time to speak with us about the Backend \
         Engineer role. After careful consideration we have decided to offer the position to \
         another candidate. It was not an easy decision.\n\n\
         Best regards,\nNora Lindgren\nLindgren & Co\n"
    )
}

/// A mail that the applicant sent long ago: with it the folder exists, which Dovecot would
/// otherwise create at the first look.
pub fn old_sent_mail(world: &World) {
    world.deliver_into(
        "Sent",
        "Date: Mon, 02 Mar 2026 10:00:00 +0000\nFrom: alex@applicant.example\n\
         To: friend@else.example\nSubject: Hello\nMessage-ID: <old@applicant.example>\n\nHi.\n",
    );
}

/// A date as it stands in mails.
pub fn days_ago(days: i64) -> String {
    let at = jiff::Zoned::now().saturating_sub(jiff::SignedDuration::from_hours(24 * days));
    jiff::fmt::rfc2822::to_string(&at).unwrap()
}
