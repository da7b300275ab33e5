//! One folder, read from its cursor to its end.
//!
//! UIDs only, never sequence numbers of single messages; every UID that the server
//! listed is either admitted, known, refused by the server or gone. The cursor moves with
//! each batch, and not over a UID that was listed but never came: a server that lists a
//! UID from the future must not make later mail invisible.

use async_imap::imap_proto::{AttributeValue, Response};
use jiff::civil::Date;
use tokio::sync::mpsc;

use super::error::ImapError;
use super::folders::{Opened, examine};
use super::search::{search_from, search_since};
use super::wire::{PLAIN_ANSWER_MAX_BYTES, Wire, Words};
use crate::source::{
    BATCH_BYTES, BATCH_MESSAGES, Batch, Cursor, Folder, Intake, IntakeError, MESSAGE_READ_MAX, Raw,
    Uid,
};

/// Bytes of each message that are read at once: nineteen of twenty end before, and no other is
/// enough before (`parse::enough` begins at 80 KiB without carriage returns).
const FIRST_PIECE_BYTES: usize = 88 * 1024;

/// Further bytes of a message whose text has not begun; the guard's limit for a literal stands
/// on it.
const NEXT_PIECE_BYTES: usize = 256 * 1024;

/// Messages asked for by one FETCH: each costs a way to the server and back.
pub(super) const FETCH_UIDS: usize = 64;

/// Messages are read on together while they weigh no more than this.
const TOGETHER_BYTES: u64 = 8 * 1024 * 1024;

/// What a FETCH may weigh beside the bodies, per message.
const FETCH_OVERHEAD_BYTES: usize = 4 * 1024;

/// What came of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Swept {
    /// Messages that the intake took.
    pub(super) admitted: u64,
    /// The folder before it was searched: another number of messages later is news.
    pub(super) opened: Opened,
}

/// Opens a folder; reads what is new in it, and what of the days since `look_back` has no row.
pub(super) async fn sweep<I: Intake>(
    wire: &mut Wire,
    folder: &Folder,
    intake: &I,
    look_back: Option<Date>,
) -> Result<Swept, ImapError> {
    let opened = examine(wire, &folder.name).await?;
    sweep_opened(wire, folder, opened, intake, look_back).await
}

/// The same of a folder that is open.
pub(super) async fn sweep_opened<I: Intake>(
    wire: &mut Wire,
    folder: &Folder,
    opened: Opened,
    intake: &I,
    look_back: Option<Date>,
) -> Result<Swept, ImapError> {
    let known = intake.cursor(folder).await.map_err(ImapError::Intake)?;
    let uidvalidity = opened.uidvalidity;
    let from = match known {
        Some(cursor) if cursor.uidvalidity == uidvalidity => Some(cursor.uid_next),
        Some(old) => {
            intake.reset(folder, old, uidvalidity).await.map_err(ImapError::Intake)?;
            None
        }
        None => None,
    };
    let mut uids = search_from(wire, opened, from.unwrap_or(1)).await?;
    if let (Some(_), Some(day)) = (from, look_back) {
        uids.extend(search_since(wire, opened, day).await?);
    }
    uids.sort_unstable();
    uids.dedup();
    let cursor = Cursor { uidvalidity, uid_next: from.unwrap_or(1) };
    // While a batch is judged and written, the next one is fetched.
    let (give, mut given) = mpsc::channel(1);
    let taking = Taking::new(folder, intake, cursor, give);
    let reading = read_all(wire, taking, &uids);
    let admitting = async move {
        let mut admitted = 0u64;
        while let Some(batch) = given.recv().await {
            admitted += batch.messages.len() as u64;
            intake.admit(batch).await?;
        }
        Ok::<_, IntakeError>(admitted)
    };
    // Whatever breaks off, what was handed over is waited for.
    let (read, admitted) = tokio::join!(reading, admitting);
    let admitted = admitted.map_err(ImapError::Intake)?;
    read?;
    same_numbers(wire, folder, uidvalidity)?;
    Ok(Swept { admitted, opened })
}

/// UIDVALIDITY may change while a folder is open (RFC 9051 section 7.1).
pub(super) fn same_numbers(
    wire: &mut Wire,
    folder: &Folder,
    uidvalidity: u32,
) -> Result<(), ImapError> {
    if wire.overheard().uidvalidity == Some(uidvalidity) {
        return Ok(());
    }
    Err(ImapError::BadFolder {
        server: wire.server().to_owned(),
        folder: folder.name.clone(),
        what: "under other message numbers while it was being read",
    })
}

/// Fetches these, the oldest first, and hands them over in batches.
async fn read_all<I: Intake>(
    wire: &mut Wire,
    mut taking: Taking<'_, I>,
    uids: &[Uid],
) -> Result<(), ImapError> {
    for part in uids.chunks(1_000) {
        let unseen = taking.unseen(part).await?;
        read(wire, &mut taking, part, &unseen).await?;
    }
    taking.flush().await
}

/// The batch that is being filled.
struct Taking<'a, I> {
    folder: &'a Folder,
    intake: &'a I,
    /// Takes the batches over.
    give: mpsc::Sender<Batch>,
    /// Where the cursor stands after the batches handed over.
    cursor: Cursor,
    batch: Vec<Raw>,
    bytes: usize,
    unreadable: Vec<Uid>,
    /// Where the cursor stands after the batch.
    moved: Cursor,
}

impl<'a, I: Intake> Taking<'a, I> {
    fn new(
        folder: &'a Folder,
        intake: &'a I,
        cursor: Cursor,
        give: mpsc::Sender<Batch>,
    ) -> Taking<'a, I> {
        let (batch, unreadable) = (Vec::new(), Vec::new());
        Taking { folder, intake, give, cursor, batch, bytes: 0, unreadable, moved: cursor }
    }

    async fn unseen(&self, uids: &[Uid]) -> Result<Vec<Uid>, ImapError> {
        let unseen = self.intake.unseen(self.folder, self.cursor.uidvalidity, uids.to_vec());
        unseen.await.map_err(ImapError::Intake)
    }

    /// This UID needs no further look.
    fn handled(&mut self, uid: Uid) {
        self.moved.uid_next = self.moved.uid_next.max(uid.saturating_add(1));
    }

    async fn take(&mut self, raw: Raw) -> Result<(), ImapError> {
        self.bytes += raw.bytes.len();
        self.handled(raw.uid);
        self.batch.push(raw);
        if self.batch.len() >= BATCH_MESSAGES || self.bytes >= BATCH_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), ImapError> {
        if self.batch.is_empty() && self.unreadable.is_empty() && self.moved == self.cursor {
            return Ok(());
        }
        self.bytes = 0;
        self.cursor = self.moved;
        let batch = Batch {
            folder: self.folder.clone(),
            uidvalidity: self.moved.uidvalidity,
            messages: std::mem::take(&mut self.batch),
            unreadable: std::mem::take(&mut self.unreadable),
            cursor: self.moved,
        };
        // Nobody hears of this error: that of the batch before, which ended it, stands first.
        let ended = |_| ImapError::Intake("the intake takes nothing more".into());
        self.give.send(batch).await.map_err(ended)
    }
}

/// Reads a few messages, in the order asked for; those that are not there any more or that
/// the server refuses are left out.
pub(super) async fn few(
    wire: &mut Wire,
    uids: &[Uid],
    enough: &(impl Fn(&[u8]) -> bool + Sync),
) -> Result<Vec<Raw>, ImapError> {
    let (mut begun, _refused) = pieces(wire, uids, 0, FIRST_PIECE_BYTES).await?;
    let place = |uid: Uid| uids.iter().position(|other| *other == uid);
    begun.sort_by_key(|one| place(one.uid));
    let mut read = Vec::new();
    let mut together = Vec::new();
    for one in begun.into_iter().filter(|one| one.bytes.is_some()) {
        together.push(one);
        if weight(&together) > TOGETHER_BYTES {
            read.extend(read_on(wire, enough, std::mem::take(&mut together)).await?);
        }
    }
    read.extend(read_on(wire, enough, together).await?);
    Ok(read)
}

/// A message of which a piece has come.
#[derive(Debug, Default)]
struct Begun {
    uid: Uid,
    size: Option<u64>,
    bytes: Option<Vec<u8>>,
}

/// Bytes that these may have once they are read.
fn weight(begun: &[Begun]) -> u64 {
    let most = MESSAGE_READ_MAX as u64;
    let weigh = |one: &Begun| {
        let (told, read) = (one.size.unwrap_or(most), one.bytes.as_ref().map_or(0, Vec::len));
        // A full first piece of what is told to be less: the size is not to be believed.
        let false_size = read >= FIRST_PIECE_BYTES && told <= read as u64;
        if false_size { most } else { told.min(most) }
    };
    begun.iter().map(weigh).sum()
}

async fn read<I: Intake>(
    wire: &mut Wire,
    taking: &mut Taking<'_, I>,
    listed: &[Uid],
    unseen: &[Uid],
) -> Result<(), ImapError> {
    let wanted: Vec<Uid> = listed.iter().copied().filter(|uid| unseen.contains(uid)).collect();
    for few in wanted.chunks(FETCH_UIDS) {
        let (mut begun, refused) = pieces(wire, few, 0, FIRST_PIECE_BYTES).await?;
        let mut together = Vec::new();
        for uid in few {
            let place = begun.iter().position(|b| b.uid == *uid);
            match place.map(|i| begun.swap_remove(i)) {
                Some(one) if one.bytes.is_some() => {
                    together.push(one);
                    if weight(&together) > TOGETHER_BYTES {
                        hand_over(wire, taking, &mut together).await?;
                    }
                }
                // Expunged since the search.
                None if !refused.contains(uid) => {}
                _ => {
                    // The cursor goes over nothing that has not been taken.
                    hand_over(wire, taking, &mut together).await?;
                    taking.unreadable.push(*uid);
                    taking.handled(*uid);
                }
            }
        }
        hand_over(wire, taking, &mut together).await?;
    }
    for uid in listed.iter().filter(|uid| !unseen.contains(uid)) {
        taking.handled(*uid);
    }
    Ok(())
}

/// Reads these to where they are enough, and has them taken in.
async fn hand_over<I: Intake>(
    wire: &mut Wire,
    taking: &mut Taking<'_, I>,
    together: &mut Vec<Begun>,
) -> Result<(), ImapError> {
    let intake = taking.intake;
    let enough = |prefix: &[u8]| intake.enough(prefix);
    for raw in read_on(wire, &enough, std::mem::take(together)).await? {
        taking.take(raw).await?;
    }
    Ok(())
}

/// One piece of each, and the UIDs that the server refused to hand out. One broken message
/// makes many servers refuse the whole set: then each is asked for alone.
async fn pieces(
    wire: &mut Wire,
    uids: &[Uid],
    offset: usize,
    count: usize,
) -> Result<(Vec<Begun>, Vec<Uid>), ImapError> {
    match fetch(wire, uids, offset, count).await {
        Err(ImapError::No { .. }) if uids.len() > 1 => {}
        Err(ImapError::No { .. }) => return Ok((Vec::new(), uids.to_vec())),
        other => return other.map(|begun| (begun, Vec::new())),
    }
    let (mut begun, mut refused) = (Vec::new(), Vec::new());
    for uid in uids {
        match fetch(wire, &[*uid], offset, count).await {
            Ok(one) => begun.extend(one),
            Err(ImapError::No { .. }) => refused.push(*uid),
            Err(other) => return Err(other),
        }
    }
    Ok((begun, refused))
}

/// A message on the way.
struct Reading {
    raw: Raw,
    size: Option<u64>,
    /// Nothing more is asked for.
    ended: bool,
}

impl Reading {
    fn of(begun: Begun, enough: &impl Fn(&[u8]) -> bool) -> Reading {
        let raw = Raw { uid: begun.uid, bytes: Vec::new(), size: 0, complete: false };
        let mut reading = Reading { raw, size: begun.size, ended: false };
        reading.add(begun.bytes.unwrap_or_default(), FIRST_PIECE_BYTES, enough);
        reading
    }

    /// Takes a piece of which `want` bytes were asked for.
    fn add(&mut self, piece: Vec<u8>, want: usize, enough: &impl Fn(&[u8]) -> bool) {
        let (bytes, come) = (&mut self.raw.bytes, piece.len());
        if bytes.is_empty() {
            *bytes = piece;
        } else {
            bytes.extend(piece);
        }
        // RFC822.SIZE is an estimate on some servers: a short piece is the surer sign.
        self.raw.complete = come < want || self.size == Some(bytes.len() as u64);
        self.ended = self.raw.complete || bytes.len() >= MESSAGE_READ_MAX || enough(bytes);
    }

    fn raw(mut self) -> Raw {
        self.raw.bytes.truncate(MESSAGE_READ_MAX);
        let read = self.raw.bytes.len() as u64;
        let told = self.size.unwrap_or(read).max(read);
        self.raw.size = if self.raw.complete { read } else { told };
        self.raw
    }
}

/// Reads on, in all of them at once, while there is more and it is not `enough`.
async fn read_on(
    wire: &mut Wire,
    enough: &(impl Fn(&[u8]) -> bool + Sync),
    begun: Vec<Begun>,
) -> Result<Vec<Raw>, ImapError> {
    let mut all: Vec<Reading> = begun.into_iter().map(|one| Reading::of(one, enough)).collect();
    loop {
        let open = all.iter().filter(|one| !one.ended).map(|one| one.raw.bytes.len());
        let Some(offset) = open.min() else { break };
        let is_next = |one: &&mut Reading| !one.ended && one.raw.bytes.len() == offset;
        let next: Vec<&mut Reading> = all.iter_mut().filter(is_next).collect();
        let uids: Vec<Uid> = next.iter().map(|one| one.raw.uid).collect();
        let want = NEXT_PIECE_BYTES.min(MESSAGE_READ_MAX - offset);
        let (mut come, _refused) = pieces(wire, &uids, offset, want).await?;
        for one in next {
            let piece = come.iter_mut().find(|piece| piece.uid == one.raw.uid);
            match piece.and_then(|piece| piece.bytes.take()) {
                Some(piece) => one.add(piece, want, enough),
                None => one.ended = true,
            }
        }
    }
    Ok(all.into_iter().map(Reading::raw).collect())
}

async fn fetch(
    wire: &mut Wire,
    uids: &[Uid],
    offset: usize,
    count: usize,
) -> Result<Vec<Begun>, ImapError> {
    let set = uids.iter().map(Uid::to_string).collect::<Vec<_>>().join(",");
    let command = format!("UID FETCH {set} (UID RFC822.SIZE BODY.PEEK[]<{offset}.{count}>)");
    let allowance = uids.len() * (count + FETCH_OVERHEAD_BYTES);
    let allowance = PLAIN_ANSWER_MAX_BYTES + allowance as u64;
    let mut begun: Vec<Begun> = Vec::new();
    wire.command("fetch mail", Words::new(&command), allowance, |response| {
        let Response::Fetch(_, attributes) = response else { return };
        let Some(one) = one_message(attributes, offset) else { return };
        if !uids.contains(&one.uid) {
            return;
        }
        // A server may tell of one message in several lines.
        match begun.iter_mut().find(|b| b.uid == one.uid) {
            Some(known) => {
                known.size = known.size.or(one.size);
                known.bytes = known.bytes.take().or(one.bytes);
            }
            None => begun.push(one),
        }
    })
    .await?;
    // Flags that changed meanwhile come as FETCH lines without a body or a size.
    begun.retain(|b| b.bytes.is_some() || b.size.is_some());
    Ok(begun)
}

fn one_message(attributes: &[AttributeValue<'_>], offset: usize) -> Option<Begun> {
    let mut begun = Begun::default();
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(uid) => begun.uid = Uid::from(*uid),
            AttributeValue::Rfc822Size(size) => begun.size = Some(u64::from(*size)),
            AttributeValue::BodySection { section: None, index, data } => {
                let here = index.is_none_or(|i| usize::try_from(i) == Ok(offset));
                if here {
                    begun.bytes = data.as_ref().map(|d| d.to_vec());
                }
            }
            _ => {}
        }
    }
    (begun.uid > 0).then_some(begun)
}
