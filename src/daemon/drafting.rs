//! A reply's draft from the facts as they are now: made when it has cooled, made again
//! before it is sent, and compared.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::follow_up::{self, Followed};
use super::{Shared, WayOut, random};
use crate::classify::Known;
use crate::draft::addressee::{self, EarlierContact};
use crate::draft::compose::{self, Parts};
use crate::draft::fields::{self, Fields, Occasion};
use crate::draft::greeting::{self, own_greeting};
use crate::draft::template::TemplateError;
use crate::draft::{address_form, identity, intent};
use crate::model::address::{Address, Mailbox, MessageId};
use crate::model::addressee::{Addressee, Addressing, Warning};
use crate::model::findings::{Findings, Reached};
use crate::model::ids::{AccountNo, ApplicationNo, MessageNo, ReplyNo};
use crate::model::mail::{Draft, HeaderText, Intent, Origin};
use crate::model::message::{Direction, Message};
use crate::model::reply::Reply;
use crate::model::verdict::{Decision, Hit, Kind};
use crate::model::visibility::Visibility;
use crate::parse;
use crate::record::company_key;
use crate::store::applications::Whole;
use crate::store::{StoreError, applications, messages, replies};

/// So many earlier mails of the addressee are asked how they address the user; the latest count.
const EARLIER_MAILS_MAX: usize = 3;

/// Why there is no draft.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoDraft {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error("There is nobody to write to: {0}")]
    Nobody(String),
    #[error("The account `{0}` has no way to send mail; see [account.{0}.send]")]
    NoWayOut(String),
    #[error("The account is not in the configuration any more")]
    NoAccount,
    #[error("The rejection is not one any more, or its text was forgotten")]
    NoParent,
}

/// All that a draft is made of, as of now.
pub(super) struct Facts {
    pub(super) parent: Message,
    /// The mail of the user's own that a follow-up answers.
    followed: Option<Followed>,
    pub(super) findings: Findings,
    pub(super) language: Option<String>,
    pub(super) whole: Whole,
    pub(super) addressing: Addressing,
    pub(super) from: Mailbox,
    pub(super) way_out: WayOut,
    /// There was a talk, and not only a test.
    talked: bool,
    /// What a text may name.
    pub(super) fields: Fields,
    /// The subject, should it be a mail that answers none.
    new_subject: HeaderText,
}

/// Who wrote to the user in this application before `before`.
pub(super) fn history(
    tx: &Transaction<'_>,
    application: ApplicationNo,
    before: Timestamp,
    visibility: Visibility,
) -> Result<Vec<EarlierContact>, StoreError> {
    let contacts = messages::of_application(tx, application, visibility)?
        .into_iter()
        .filter(|m| m.direction == Direction::Incoming && m.received_at < before)
        .filter(|m| m.question.is_none() && personal(m.decision))
        .filter_map(|m| {
            Some(EarlierContact { mailbox: m.sender?, at: m.received_at, message: m.no })
        });
    Ok(contacts.collect())
}

/// A mail that a person writes to one applicant; confirmations and updates are mailings.
fn personal(decision: Option<Decision>) -> bool {
    matches!(
        decision,
        Some(Decision::Sure(
            Kind::Invited | Kind::Offered | Kind::Question | Kind::Feedback | Kind::Rejected
        ))
    )
}

/// What a draft answers.
pub(super) struct Case<'a> {
    /// The application that ended.
    pub(super) application: ApplicationNo,
    /// The rejection.
    pub(super) parent: MessageNo,
    /// Where it came.
    pub(super) account: AccountNo,
    /// Whom the user named.
    pub(super) chosen: Option<&'a Address>,
    /// The sent reply that it follows up.
    pub(super) follows: Option<ReplyNo>,
}

/// Gathers the facts of a reply anew, from the mail as it was read.
pub(super) fn facts(
    tx: &Transaction<'_>,
    shared: &Shared,
    reply: &Reply,
) -> Result<Facts, NoDraft> {
    let case = Case {
        application: reply.application,
        parent: reply.parent,
        account: reply.account,
        chosen: reply.chosen.as_ref(),
        follows: reply.follows,
    };
    facts_of(tx, shared, &case)
}

/// The same of what has no reply.
pub(super) fn facts_of(
    tx: &Transaction<'_>,
    shared: &Shared,
    reply: &Case<'_>,
) -> Result<Facts, NoDraft> {
    let account = shared.account(reply.account).ok_or(NoDraft::NoAccount)?;
    let way_out =
        account.way_out.clone().ok_or_else(|| NoDraft::NoWayOut(account.label.clone()))?;
    let kept = messages::get(tx, reply.parent, Visibility::Cooling)?;
    if !kept.is_rejection() || kept.application != Some(reply.application) {
        return Err(NoDraft::NoParent);
    }
    let raw = messages::raw(tx, reply.parent)?.ok_or(NoDraft::NoParent)?;
    let own = account.own_addresses();
    let parent = parse::message(&raw, true, &own);
    let known = Known { thread: true, application: true };
    let verdict = shared.rules().classify(&parent, &known);
    let followed = match reply.follows {
        Some(no) => Some(follow_up::followed(tx, no, &parent)?.ok_or(NoDraft::NoParent)?),
        None => None,
    };
    let addressing = match (&followed, reply.chosen) {
        (Some(it), _) => it.addressing.clone(),
        (None, Some(address)) => chosen(address),
        (None, None) => {
            let history = history(tx, reply.application, kept.received_at, Visibility::Released)?;
            addressee::decide(
                &parent,
                &verdict.findings,
                &history,
                &own,
                account.authserv_id.as_deref(),
            )
        }
    };
    let (from, warning) =
        identity::from_mailbox(&account.own, &parent).ok_or(NoDraft::NoAccount)?;
    let mut addressing = addressing;
    if let Some(warning) = warning.filter(|w| !addressing.warnings.contains(w)) {
        addressing.warnings.push(warning);
    }
    // A draft says what may be heard of, and no more.
    let whole = applications::get(tx, reply.application, Visibility::Released)?;
    let language = verdict.language;
    // What came after the rejection counts for what is written months later.
    let until = if followed.is_some() { Timestamp::MAX } else { kept.received_at };
    let earlier = earlier_words(tx, reply.application, until, &addressing, &own)?;
    let informal = is_informal(&addressing, &parent, &earlier, language.as_deref());
    let talked = talked(tx, reply.application, &verdict.findings, &whole)?;
    let own_words = own_words(tx, reply.application, &addressing)?;
    // Whom the rejection only names is a stranger, whatever the house's own manner is.
    let known_to_user =
        wrote(&addressing, &parent) || matches!(addressing.addressee, Addressee::Earlier(_));
    let my_name = &shared.settings.me.name;
    let by_first_name = is_by_first_name(&addressing, &parent, &earlier, my_name);
    let fields = fields(shared, &whole, &addressing, &verdict.findings, &parent)
        .in_form(informal && known_to_user)
        .after_talks(talked)
        .on(Occasion::of(&verdict.findings))
        .may_reapply(verdict.findings.may_reapply.is_some())
        .at(at(&whole, &parent, language.as_deref()).as_deref())
        .by_first_name(by_first_name && known_to_user)
        .greeted(addressing.addressee.mailbox().and_then(|it| own_greeting(&own_words, it)));
    let new_subject = shared.settings.templates.subject(language.as_deref(), &fields)?;
    Ok(Facts {
        findings: verdict.findings,
        language,
        whole,
        parent,
        followed,
        addressing,
        from,
        way_out,
        talked,
        fields,
        new_subject,
    })
}

/// What the addressee wrote in this application before, the latest first.
fn earlier_words(
    tx: &Transaction<'_>,
    application: ApplicationNo,
    before: Timestamp,
    addressing: &Addressing,
    own: &[Address],
) -> Result<Vec<String>, StoreError> {
    let Some(addressee) = addressing.addressee.mailbox() else { return Ok(Vec::new()) };
    let mut mails = messages::of_application(tx, application, Visibility::Released)?;
    mails.retain(|mail| {
        let wrote = |it: &Mailbox| it.address.same_mailbox(&addressee.address);
        mail.received_at < before && mail.sender.as_ref().is_some_and(wrote)
    });
    let raws = mails.iter().rev().take(EARLIER_MAILS_MAX).map(|mail| messages::raw(tx, mail.no));
    let words = |raw: Vec<u8>| parse::message(&raw, true, own).body.new_text;
    raws.filter_map(|raw| raw.map(|it| it.map(words)).transpose()).collect()
}

/// How the addressee speaks to the user. In a mail to somebody from earlier that is what this
/// person wrote; a form letter of the same house may be stiffer.
fn is_informal(
    addressing: &Addressing,
    parent: &Message,
    earlier: &[String],
    language: Option<&str>,
) -> bool {
    address_form::is_informal(&addressed(addressing, parent, earlier), language)
}

/// Whether the addressee calls the user by the first name.
fn is_by_first_name(
    addressing: &Addressing,
    parent: &Message,
    earlier: &[String],
    my_name: &str,
) -> bool {
    greeting::is_by_first_name(&addressed(addressing, parent, earlier), my_name)
}

/// The texts that show how the addressee speaks to the user, the most telling first.
fn addressed<'a>(
    addressing: &Addressing,
    parent: &'a Message,
    earlier: &'a [String],
) -> Vec<&'a str> {
    let earlier = earlier.iter().map(String::as_str);
    let parent = [parent.body.new_text.as_str(), parent.header.subject.as_str()];
    match addressing.addressee {
        Addressee::Earlier(_) => earlier.chain(parent).collect(),
        _ => parent.into_iter().chain(earlier).collect(),
    }
}

/// Whether they have talked, as the rejection or the history tells. Nobody should be thanked
/// for a talk who sent a test.
fn talked(
    tx: &Transaction<'_>,
    application: ApplicationNo,
    findings: &Findings,
    whole: &Whole,
) -> Result<bool, StoreError> {
    if told(findings).max(whole.told()) >= Reached::Talks {
        return Ok(true);
    }
    if whole.furthest() != Reached::Talks {
        return Ok(whole.furthest() > Reached::Talks);
    }
    let mut invitations = messages::of_application(tx, application, Visibility::Released)?;
    invitations.retain(|mail| mail.decision == Some(Decision::Sure(Kind::Invited)));
    Ok(invitations.is_empty() || invitations.iter().any(|mail| !is_test_only(&mail.hits)))
}

/// The rules that called it an invitation saw a test and no talk.
fn is_test_only(hits: &str) -> bool {
    let hits: Vec<Hit> = serde_json::from_str(hits).unwrap_or_default();
    let fired = |symbol: &str| hits.iter().any(|hit| hit.symbol == symbol);
    fired("INV_TEST") && !fired("INV_INVITE")
}

fn fields(
    shared: &Shared,
    whole: &Whole,
    addressing: &Addressing,
    findings: &Findings,
    parent: &Message,
) -> Fields {
    let me = &shared.settings.me;
    let company = whole.application.company.as_deref();
    let fields = Fields::new(
        company.filter(|name| fields::is_employer(name, findings, parent)),
        whole.application.role.as_deref(),
        greeting::certain_person(addressing, findings, parent).as_deref(),
        &me.name,
        me.signature.as_deref(),
    );
    match addressing.addressee {
        Addressee::Earlier(_) => fields.to_earlier_contact(),
        _ if wrote(addressing, parent) => fields,
        _ => fields.of_new_mail(),
    }
}

/// "bei den Stadtwerken Lindenau", where the rejection says so.
fn at(whole: &Whole, parent: &Message, language: Option<&str>) -> Option<String> {
    let company = whole.application.company.as_deref()?;
    let texts = [&parent.body.new_text, &parent.header.subject];
    texts.into_iter().find_map(|text| address_form::at(text, company, language))
}

/// What the user wrote to the addressee in this application, the latest first.
fn own_words(
    tx: &Transaction<'_>,
    application: ApplicationNo,
    addressing: &Addressing,
) -> Result<Vec<String>, StoreError> {
    let Some(addressee) = addressing.addressee.mailbox() else { return Ok(Vec::new()) };
    let mut mails = messages::of_application(tx, application, Visibility::Released)?;
    mails.retain(|mail| {
        let to = mail.recipient.as_ref();
        let to = to.is_some_and(|it| it.same_mailbox(&addressee.address));
        mail.direction == Direction::Own && to
    });
    Ok(mails.into_iter().rev().filter_map(|mail| mail.text).collect())
}

/// The addressee wrote the rejection, or takes the answers to it.
fn wrote(addressing: &Addressing, parent: &Message) -> bool {
    addressing.addressee.mailbox().is_none_or(|to| parent.takes_answers_at(&to.address))
}

/// What the same employer got from the user before, or has on the desk.
fn earlier_texts(
    tx: &Transaction<'_>,
    reply: &Reply,
    company: Option<&str>,
) -> Result<Vec<String>, StoreError> {
    let key = company.map(company_key);
    let same: Vec<ApplicationNo> = applications::all(tx, Visibility::Cooling)?
        .into_iter()
        .filter(|it| key.is_some() && it.application.company.as_deref().map(company_key) == key)
        .map(|it| it.application.no)
        .collect();
    let texts = replies::all(tx)?
        .into_iter()
        .filter(|it| it.no != reply.no)
        .filter(|it| it.application == reply.application || same.contains(&it.application))
        .filter_map(|it| it.state.draft().map(|draft| draft.text.clone()));
    Ok(texts.collect())
}

fn chosen(address: &Address) -> Addressing {
    Addressing {
        addressee: Addressee::Chosen(Mailbox::bare(address.clone())),
        why: "you named this address yourself".to_owned(),
        warnings: vec![Warning::AgainstAdvice],
    }
}

/// A fresh draft: intent by what happened, text from the templates.
pub(super) fn fresh(
    tx: &Transaction<'_>,
    shared: &Shared,
    reply: &Reply,
    facts: &Facts,
) -> Result<Draft, NoDraft> {
    let nobody = || NoDraft::Nobody(facts.addressing.why.clone());
    let intent = reply.wanted.unwrap_or(fitting(facts)?);
    let turn = reply.no.get().unsigned_abs();
    let earlier = earlier_texts(tx, reply, facts.whole.application.company.as_deref())?;
    let templates = &shared.settings.templates;
    let filled =
        templates.text(facts.language.as_deref(), intent, turn, &earlier, &facts.fields)?;
    let reached = Some(reached(&facts.findings, &facts.whole));
    let origin = Origin { template: Some(filled.template), edited: false, reached };
    let message_id = new_message_id(facts)?;
    assemble(facts, message_id, filled.text, intent, origin).ok_or_else(nobody)
}

/// The intent that fits what happened.
pub(super) fn fitting(facts: &Facts) -> Result<Intent, NoDraft> {
    intent::choose(&facts.addressing, facts.talked, &facts.findings)
        .ok_or_else(|| NoDraft::Nobody(facts.addressing.why.clone()))
}

/// Why there is no draft for this intent, in a sentence for the user; `None`: it fits.
pub(super) fn unfounded(facts: &Facts, intent: Intent) -> Option<String> {
    let why = intent::unfounded(intent, &facts.findings)?;
    let names = intent::founded(&facts.findings).into_iter().map(Intent::name);
    let names = names.collect::<Vec<_>>().join(", ");
    Some(format!(
        "The text of {intent} would say what did not happen: {why}. These fit: {names}; words of \
         your own go into any of them (regards edit)"
    ))
}

/// How far it had come, as the rejection or the history tells.
fn reached(findings: &Findings, whole: &Whole) -> Reached {
    told(findings).max(whole.furthest())
}

/// How far it had come, as this mail says.
fn told(findings: &Findings) -> Reached {
    findings.stage.as_ref().map_or(Reached::Applied, |found| found.value)
}

/// A new Message-ID at the user's own domain.
pub(super) fn new_message_id(facts: &Facts) -> Result<MessageId, StoreError> {
    compose::new_message_id(random()?, facts.from.address.domain())
        .ok_or_else(|| StoreError::Unreadable("the domain of your own address".to_owned()))
}

/// The draft with this text as it would be made now; `None` when nobody can be written to.
pub(super) fn assemble(
    facts: &Facts,
    message_id: MessageId,
    text: String,
    intent: Intent,
    origin: Origin,
) -> Option<Draft> {
    compose::assemble(Parts {
        route: facts.way_out.route.clone(),
        from: facts.from.clone(),
        addressing: &facts.addressing,
        parent: &facts.parent,
        follows: facts.followed.as_ref().map(|it| &it.mail),
        new_subject: facts.new_subject.clone(),
        bcc_self: facts.way_out.bcc_self,
        message_id,
        text,
        intent,
        origin,
    })
}

/// The same draft made again from the facts of now; `None` when that gives none.
pub(super) fn again(facts: &Facts, draft: &Draft) -> Option<Draft> {
    let (id, text) = (draft.message_id.clone(), draft.text.clone());
    assemble(facts, id, text, draft.intent, draft.origin.clone())
}
