//! The headings and words that trackers and people write into their tables, in the eight
//! languages of the rules. Read nowhere but beside it, in `table`. All are written as `fold`
//! leaves them: small letters, one blank between words.

use serde::Deserialize;

/// What a column tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Column {
    Company,
    Role,
    Applied,
    Status,
    Location,
    Url,
    Notes,
}

/// Each of a list, in its order.
pub(super) fn each(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split(',').map(str::trim)
}

/// The usual headings, in the order of how sure they are.
pub(super) const HEADINGS: [(Column, &str); 7] = [
    (
        Column::Company,
        "company, company name, employer, employer name, organization, organisation, \
         organization name, hiring company, \
         unternehmen, firma, arbeitgeber, firmenname, unternehmensname, betrieb, \
         entreprise, société, nom de l entreprise, employeur, \
         empresa, nombre de la empresa, compañía, empleador, \
         azienda, società, nome azienda, datore di lavoro, \
         bedrijf, bedrijfsnaam, werkgever, organisatie, \
         nome da empresa, companhia, empregador, \
         företag, företagsnamn, arbetsgivare",
    ),
    (
        Column::Role,
        "role, position, job title, position title, job role, job position, role title, job name, \
         position applied for, role applied for, title, job, vacancy, \
         stelle, rolle, jobtitel, stellenbezeichnung, stellentitel, berufsbezeichnung, \
         poste, intitulé du poste, titre du poste, intitulé, fonction, \
         puesto, cargo, vacante, puesto de trabajo, posición, rol, \
         posizione, ruolo, mansione, posizione lavorativa, \
         functie, functietitel, functienaam, vacature, positie, \
         vaga, título da vaga, função, posição, \
         tjänst, roll, befattning, yrkesroll, jobb, titel",
    ),
    (
        Column::Applied,
        "date applied, applied on, applied date, application date, date of application, applied at, \
         apply date, date submitted, submitted on, submission date, date sent, sent on, opened at, \
         applied, date, \
         beworben am, bewerbungsdatum, datum der bewerbung, bewerbung vom, bewerbung am, \
         bewerbung gesendet am, abgeschickt am, gesendet am, versendet am, beworben, datum, \
         date de candidature, date candidature, candidature envoyée le, date d envoi, postulé le, \
         envoyé le, date de postulation, \
         fecha de solicitud, fecha de candidatura, fecha de postulación, fecha de aplicación, \
         fecha de envío, fecha de inscripción, enviado el, fecha, \
         data candidatura, data di candidatura, data della candidatura, candidatura inviata il, \
         data invio, data di invio, \
         sollicitatiedatum, gesolliciteerd op, datum sollicitatie, datum van sollicitatie, \
         verzonden op, verstuurd op, \
         data da candidatura, data de candidatura, data de aplicação, data de envio, \
         data de inscrição, candidatura enviada em, data, \
         ansökningsdatum, datum för ansökan, ansökan skickad, ansökt, sökt",
    ),
    (
        Column::Status,
        "status, stage, application status, current status, job status, application stage, \
         current stage, outcome, state, result, list, \
         stand, ergebnis, bewerbungsstatus, aktueller stand, aktueller status, \
         statut, statut de la candidature, état, état de la candidature, étape, résultat, \
         estado, estado de la solicitud, etapa, resultado, \
         stato, stato candidatura, stato della candidatura, esito, fase, \
         uitslag, resultaat, situação, estado da candidatura, läge, resultat",
    ),
    (
        Column::Location,
        "location, city, job location, work location, place, ort, standort, arbeitsort, stadt, \
         lieu, ville, localisation, ubicación, ciudad, lugar, luogo, città, sede, località, \
         locatie, plaats, stad, standplaats, localização, cidade, local, plats",
    ),
    (
        Column::Url,
        "url, link, job url, job link, job posting, posting, posting url, job post, job ad, \
         job listing, listing, application link, application url, website, \
         stellenanzeige, anzeige, link zur anzeige, link zur stelle, \
         lien, lien de l offre, lien annonce, annonce, enlace, enlace a la oferta, anuncio, \
         annuncio, link annuncio, link vacature, link naar vacature, link da vaga, anúncio, \
         länk, annons, annonslänk, länk till annons",
    ),
    (
        Column::Notes,
        "notes, note, comments, comment, remarks, my notes, \
         notizen, notiz, bemerkungen, bemerkung, kommentar, kommentare, anmerkungen, anmerkung, \
         remarques, remarque, commentaires, commentaire, notas, nota, comentarios, observaciones, \
         appunti, commenti, osservazioni, notities, notitie, opmerkingen, opmerking, \
         observações, comentários, anteckningar, kommentarer, noteringar",
    ),
];

/// The word of a row that was not applied for.
pub(super) const NOT_APPLIED: &str = "not-applied";

/// What the usual words mean; others are told by `--mapping`.
pub(super) const WORDS: [(&str, &str); 9] = [
    (
        "applied",
        "applied, submitted, sent, application sent, application submitted, open, active, pending, \
         waiting, awaiting response, awaiting reply, waiting for response, waiting for reply, \
         no response, no response yet, no reply, no answer, ghosted, in progress, followed up, \
         beworben, abgeschickt, gesendet, versendet, verschickt, bewerbung gesendet, \
         bewerbung verschickt, bewerbung abgeschickt, bewerbung versendet, offen, in bearbeitung, \
         läuft, laufend, wartend, warte auf antwort, warte auf rückmeldung, keine antwort, \
         keine rückmeldung, nachgefasst, \
         postulé, envoyé, envoyée, candidature envoyée, en attente, en cours, sans réponse, \
         pas de réponse, aucune réponse, relancé, relancée, \
         aplicado, enviado, enviada, postulado, inscrito, solicitud enviada, candidatura enviada, \
         pendiente, en espera, en proceso, en curso, esperando respuesta, sin respuesta, \
         inviata, inviato, candidatura inviata, in attesa, in corso, nessuna risposta, \
         senza risposta, \
         gesolliciteerd, verstuurd, verzonden, ingediend, lopend, in afwachting, \
         wacht op antwoord, geen reactie, geen antwoord, \
         candidatado, pendente, em andamento, em aberto, aguardando, aguardando resposta, \
         a aguardar, sem resposta, \
         sökt, ansökt, skickad, skickat, ansökan skickad, inskickad, väntar, väntar på svar, \
         pågående, pågår, öppen, inget svar",
    ),
    (
        "acknowledged",
        "acknowledged, received, application received, confirmed, under review, in review, \
         reviewing, being reviewed, under consideration, viewed, application viewed, \
         bestätigt, eingang bestätigt, eingangsbestätigung, eingangsbestätigung erhalten, \
         bewerbung eingegangen, in prüfung, wird geprüft, \
         accusé de réception, confirmée, reçue, candidature reçue, en cours d examen, \
         à l étude, en cours d étude, \
         recibido, recibida, solicitud recibida, acuse de recibo, confirmado, confirmada, \
         en revisión, en estudio, \
         ricevuta, confermata, in revisione, in valutazione, \
         ontvangen, bevestigd, ontvangstbevestiging, in behandeling, in beoordeling, \
         recebido, recebida, em análise, em avaliação, em revisão, \
         mottagen, mottaget, bekräftad, bekräftat, under granskning, granskas",
    ),
    (
        "in-talks",
        "in talks, interview, interviews, interviewing, interviewed, interview scheduled, invited, \
         invited to interview, phone screen, phone screening, phone call, phone interview, \
         recruiter call, recruiter screen, hr screen, hr interview, screen, screening, \
         screening call, video interview, technical interview, technical screen, onsite, on site, \
         onsite interview, assessment, online assessment, coding challenge, take home, \
         take home test, case study, final round, final interview, first interview, \
         second interview, third interview, 1st interview, 2nd interview, 3rd interview, \
         gespräch, gespräche, im gespräch, vorstellungsgespräch, bewerbungsgespräch, erstgespräch, \
         zweitgespräch, erstes gespräch, zweites gespräch, 1 gespräch, 2 gespräch, eingeladen, \
         einladung, einladung zum gespräch, telefoninterview, telefongespräch, telefonat, \
         kennenlerngespräch, assessment center, einstellungstest, probearbeiten, probetag, \
         entretien, entretiens, en entretien, entretien téléphonique, entretien rh, \
         entretien technique, entretien prévu, entretien planifié, entretien passé, \
         premier entretien, deuxième entretien, 1er entretien, 2e entretien, 2ème entretien, \
         test technique, \
         entrevista, entrevistas, entrevistado, primera entrevista, segunda entrevista, \
         entrevista telefónica, entrevista técnica, entrevista programada, prueba técnica, \
         colloquio, colloqui, in colloquio, primo colloquio, secondo colloquio, \
         colloquio telefonico, colloquio tecnico, colloquio conoscitivo, colloquio fissato, \
         gesprek, in gesprek, op gesprek, sollicitatiegesprek, eerste gesprek, tweede gesprek, \
         kennismaking, kennismakingsgesprek, uitgenodigd, uitgenodigd voor gesprek, \
         em entrevista, primeira entrevista, entrevista marcada, entrevista agendada, \
         teste técnico, \
         intervju, intervjuer, intervjuad, första intervju, andra intervju, telefonintervju, \
         kallad till intervju, arbetsprov",
    ),
    (
        "paused",
        "paused, on hold, pausiert, zurückgestellt, auf eis, en pause, en suspens, pausado, \
         en pausa, in pausa, sospesa, gepauzeerd, em pausa, em espera, pausad, vilande",
    ),
    (
        "offered",
        "offer, offers, offered, offer received, offer made, offer extended, job offer, \
         negotiating, negotiation, negotiations, offer negotiation, \
         angebot, angebot erhalten, jobangebot, vertragsangebot, verhandlung, in verhandlung, \
         gehaltsverhandlung, vertragsverhandlung, \
         offre, offre reçue, proposition, proposition reçue, négociation, en négociation, \
         promesse d embauche, \
         oferta, oferta recibida, negociando, negociación, en negociación, \
         offerta, offerta ricevuta, trattativa, in trattativa, negoziazione, \
         aanbod, aanbod ontvangen, aanbieding, onderhandeling, in onderhandeling, \
         oferta recebida, proposta, proposta recebida, negociação, em negociação, \
         erbjudande, erbjuden, erbjudande mottaget, förhandling, förhandlar",
    ),
    (
        "rejected",
        "rejected, rejection, not selected, not hired, not moving forward, no longer considered, \
         no longer under consideration, turned down, denied, unsuccessful, position filled, \
         position closed, \
         absage, absage erhalten, abgesagt, abgelehnt, nicht ausgewählt, \
         refus, refus reçu, refusé, refusée, rejetée, candidature refusée, non retenu, \
         non retenue, réponse négative, \
         rechazado, rechazada, rechazo, descartado, descartada, no seleccionado, \
         no seleccionada, \
         rifiutata, rifiutato, rifiuto, respinta, respinto, scartato, scartata, \
         non selezionato, non selezionata, esito negativo, \
         afgewezen, afwijzing, niet geselecteerd, \
         rejeitado, rejeitada, recusado, recusada, reprovado, reprovada, não selecionado, \
         não selecionada, \
         avslag, nekad, fick nej, ej vald, inte vald",
    ),
    (
        "accepted",
        "accepted, offer accepted, accepted offer, hired, got the job, \
         zusage, zugesagt, angenommen, angebot angenommen, vertrag unterschrieben, \
         accepté, acceptée, offre acceptée, embauché, embauchée, \
         aceptado, aceptada, oferta aceptada, contratado, contratada, \
         accettata, offerta accettata, assunto, assunta, \
         aangenomen, geaccepteerd, aanbod geaccepteerd, \
         aceito, aceita, aceite, oferta aceita, oferta aceite, proposta aceita, proposta aceite, \
         accepterad, accepterat, anställd, fick jobbet, tackat ja",
    ),
    (
        "declined",
        "offer declined, declined offer, i declined, angebot abgelehnt, offre refusée, \
         offre déclinée, oferta rechazada, offerta rifiutata, aanbod afgewezen, aanbod geweigerd, \
         oferta recusada, proposta recusada, tackat nej, erbjudande avböjt",
    ),
    (
        "withdrawn",
        "withdrawn, withdrew, i withdrew, application withdrawn, zurückgezogen, \
         bewerbung zurückgezogen, selbst abgesagt, retirée, candidature retirée, abandonnée, \
         retirado, retirada, candidatura retirada, ritirata, candidatura ritirata, ingetrokken, \
         teruggetrokken, desisti, tillbakadragen, återkallad",
    ),
];

/// What is only wished for is no application.
pub(super) const WISHES: &str = "wishlist, wish list, saved, bookmarked, bookmark, to apply, \
     applying, not applied, not applied yet, not started, to do, interested, considering, planned, \
     researching, draft, \
     gemerkt, vorgemerkt, gespeichert, geplant, merkliste, wunschliste, zu bewerben, \
     noch nicht beworben, in vorbereitung, entwurf, \
     à postuler, à candidater, à envoyer, enregistrée, enregistré, brouillon, \
     guardado, guardada, por aplicar, por postular, por enviar, lista de deseos, borrador, \
     salvata, salvato, da inviare, bozza, lista dei desideri, \
     opgeslagen, bewaard, nog solliciteren, te solliciteren, verlanglijst, concept, \
     salvo, salva, por candidatar, a candidatar, rascunho, lista de desejos, \
     sparad, sparat, att söka, ska söka, utkast, önskelista";

/// How days are written besides `2026-11-02`, as far as it can be told from one of them.
pub(super) const DATES: [&str; 8] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%d %b %Y",
    "%d %B %Y",
    "%a, %b %d, %Y",
];
