//! Values as people write them: `24h`, `09:00-18:00`, `mon`, `Alex <alex@example.org>`.
//! Each is checked while the file is read, so that an error knows its line.

use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::Deserialize;

use crate::model::address::{Address, Mailbox};

/// A length of time: `90s`, `2m`, `24h`, `14d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Length(pub SignedDuration);

impl TryFrom<String> for Length {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        length(&text).map(Length)
    }
}

/// Reads a length of time; days have 24 hours, weeks seven days.
pub fn length(text: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("`{text}` is not a length of time; write 90s, 2m, 24h, 3d or 1w");
    let span: Span = text.parse().map_err(|_| wrong())?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    if length.is_negative() { Err(wrong()) } else { Ok(length) }
}

/// Office hours: `09:00-18:00`; `00:00-24:00` is the whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct OfficeHours {
    /// Begin.
    pub from: Time,
    /// End.
    pub to: Time,
}

impl TryFrom<String> for OfficeHours {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` are no office hours; write 09:00-18:00");
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let time = |text: &str| match text.trim() {
            "24:00" => Ok(Time::MAX),
            other => Time::strptime("%H:%M", other).map_err(|_| wrong()),
        };
        Ok(OfficeHours { from: time(from)?, to: time(to)? })
    }
}

/// A time of the day: `17:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct DayTime(pub Time);

impl TryFrom<String> for DayTime {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = |_| format!("`{text}` is no time of the day; write 17:00");
        Time::strptime("%H:%M", text.trim()).map(DayTime).map_err(wrong)
    }
}

/// A day of the week by its English short name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Day(pub Weekday);

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let day = match text.as_str() {
            "mon" => Weekday::Monday,
            "tue" => Weekday::Tuesday,
            "wed" => Weekday::Wednesday,
            "thu" => Weekday::Thursday,
            "fri" => Weekday::Friday,
            "sat" => Weekday::Saturday,
            "sun" => Weekday::Sunday,
            _ => {
                return Err(format!(
                    "`{text}` is not a day; write mon, tue, wed, thu, fri, sat or sun"
                ));
            }
        };
        Ok(Day(day))
    }
}

/// So many in a week: a whole number from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "toml::Value")]
pub struct Goal(pub u64);

impl TryFrom<toml::Value> for Goal {
    type Error = String;

    fn try_from(value: toml::Value) -> Result<Self, String> {
        let goal = value.as_integer().and_then(|it| u64::try_from(it).ok());
        goal.filter(|it| *it > 0).map(Goal).ok_or_else(|| {
            format!("`{value}` is no goal; write a whole number from 1, or leave the line out")
        })
    }
}

/// A date, `2026-12-25`, with quotes or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "toml::Value")]
pub struct Holiday(pub Date);

impl TryFrom<toml::Value> for Holiday {
    type Error = String;

    fn try_from(value: toml::Value) -> Result<Self, String> {
        let text = match value {
            toml::Value::String(text) => text,
            other => other.to_string(),
        };
        let date = text.parse().map_err(|_| format!("`{text}` is not a date; write 2026-12-25"))?;
        Ok(Holiday(date))
    }
}

/// An address with or without a name: `alex@example.org`, `Alex Morgan <alex@example.org>`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Named(pub Mailbox);

impl TryFrom<String> for Named {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (name, address) = match text.trim().strip_suffix('>').and_then(|t| t.rsplit_once('<')) {
            Some((name, address)) => (Some(name.trim().trim_matches('"')), address),
            None => (None, text.trim()),
        };
        let address: Address = address.parse().map_err(|error| format!("{error}"))?;
        Ok(Named(Mailbox::new(name, address)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        assert_eq!(length("90s"), Ok(SignedDuration::from_secs(90)));
        assert_eq!(length("3d"), Ok(SignedDuration::from_hours(72)));
        assert_eq!(length("1w"), Ok(SignedDuration::from_hours(168)));
        for wrong in ["", "3", "-2h", "soon", "1y"] {
            assert!(length(wrong).is_err_and(|e| e.contains("24h")), "{wrong}");
        }
    }

    #[test]
    fn a_goal_is_a_whole_number_from_1() {
        assert_eq!(Goal::try_from(toml::Value::from(5)), Ok(Goal(5)));
        for wrong in [toml::Value::from(-2), 0.into(), 2.5.into(), "five".into()] {
            assert!(Goal::try_from(wrong).is_err_and(|it| it.contains("from 1")));
        }
    }

    #[test]
    fn a_name_may_stand_before_an_address() {
        let named = Named::try_from("Alex Morgan <alex@example.org>".to_owned()).unwrap();
        assert_eq!(named.0.name.as_deref(), Some("Alex Morgan"));
        let bare = Named::try_from("alex@example.org".to_owned()).unwrap();
        assert_eq!(bare.0.name, None);
        assert!(Named::try_from("Alex".to_owned()).is_err());
    }

    #[test]
    fn the_whole_day_may_be_office_hours() {
        let hours = OfficeHours::try_from("00:00-24:00".to_owned()).unwrap();
        assert_eq!((hours.from, hours.to), (Time::MIN, Time::MAX));
        assert!(OfficeHours::try_from("9-18 Uhr".to_owned()).is_err());
    }
}
