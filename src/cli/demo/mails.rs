//! The demo's mailbox: invented people at invented companies.

use std::fs;
use std::path::Path;

use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// One mail: how long ago it came, its header lines besides the date, its text.
struct Mail {
    ago: SignedDuration,
    from: &'static str,
    subject: &'static str,
    header: &'static str,
    text: &'static str,
}

const MAILS: &[Mail] = &[
    Mail {
        ago: SignedDuration::from_hours(16 * 24),
        from: "Lindgren & Co Careers <no-reply@careers.lindgren.example>",
        subject: "We received your application for Backend Engineer",
        header: "Message-ID: <ack-1@careers.lindgren.example>\r\nAuto-Submitted: auto-generated\r\n",
        text: "Dear Alex,\r\n\r\nthank you for applying for the position of Backend Engineer \
               at Lindgren & Co. We have received your application and will review it \
               carefully. If you are not selected, we will let you know.\r\n\r\n\
               Lindgren & Co Recruiting\r\n",
    },
    Mail {
        ago: SignedDuration::from_hours(9 * 24),
        from: "Nora Lindgren <nora@lindgren.example>",
        subject: "Interview: Backend Engineer at Lindgren & Co",
        header: "Message-ID: <talk-1@lindgren.example>\r\n",
        text: "Hi Alex,\r\n\r\nwe liked your application for Backend Engineer and would like \
               to invite you to an interview. Would Tuesday at 10:00 suit you?\r\n\r\n\
               Best regards,\r\nNora Lindgren\r\nLindgren & Co\r\n",
    },
    Mail {
        ago: SignedDuration::from_hours(30),
        from: "Job Radar <alerts@jobradar.example>",
        subject: "12 new jobs for you",
        header: "Message-ID: <alert-77@jobradar.example>\r\nList-Unsubscribe: <https://jobradar.example/u>\r\nPrecedence: bulk\r\n",
        text: "12 new jobs match your search. Senior Engineer, Remote. Apply now!\r\n",
    },
    Mail {
        ago: SignedDuration::from_secs(60),
        from: "Harbor Analytics <no-reply@harbor.example>",
        subject: "Your application to Harbor Analytics",
        header: "Message-ID: <rej-9@harbor.example>\r\nAuto-Submitted: auto-generated\r\n",
        text: "Dear applicant,\r\n\r\nthank you for your interest in the Data Engineer \
               position at Harbor Analytics. Unfortunately, we have decided to move forward \
               with other candidates. Please do not reply to this email.\r\n\r\n\
               The Harbor Analytics Team\r\n",
    },
    Mail {
        ago: SignedDuration::from_secs(30),
        from: "Nora Lindgren <nora@lindgren.example>",
        subject: "Your interview for Backend Engineer at Lindgren & Co",
        header: "Message-ID: <rej-1@lindgren.example>\r\nIn-Reply-To: <talk-1@lindgren.example>\r\nReferences: <talk-1@lindgren.example>\r\n",
        text: "Hi Alex,\r\n\r\nthank you for taking the time to speak with us about the \
               Backend Engineer role. After careful consideration we have decided to offer \
               the position to another candidate. It was not an easy decision.\r\n\r\n\
               Best regards,\r\nNora Lindgren\r\nLindgren & Co\r\n",
    },
];

/// Puts the mails into the Maildir and names them.
pub(super) fn deliver(maildir: &Path, now: Timestamp) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for (at, mail) in MAILS.iter().enumerate() {
        // The two rejections have just come, so that their pause can be watched.
        let when =
            if mail.ago < SignedDuration::from_hours(1) { now } else { before(now, mail.ago) };
        let date = rfc2822::to_string(&when.to_zoned(TimeZone::UTC))
            .map_err(|error| std::io::Error::other(error.to_string()))?;
        let text = format!(
            "Received: from mx.example by mail.example.org; {date}\r\n\
             Date: {date}\r\nFrom: {}\r\nTo: Alex Morgan <alex@example.org>\r\nSubject: {}\r\n{}\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}",
            mail.from, mail.subject, mail.header, mail.text
        );
        let name = format!("{at}.demo");
        fs::write(maildir.join("tmp").join(&name), text)?;
        fs::rename(maildir.join("tmp").join(&name), maildir.join("new").join(&name))?;
        names.push(format!("{}: {}", mail.from, mail.subject));
    }
    Ok(names)
}

fn before(now: Timestamp, ago: SignedDuration) -> Timestamp {
    now.saturating_sub(ago).unwrap_or(now)
}
