//! One field of a schedule.

use super::ParseScheduleError;

/// What a field may say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    min: u32,
    max: u32,
    names: &'static [&'static str],
}

impl Range {
    pub(super) const MINUTE: Range = Range { min: 0, max: 59, names: &[] };
    pub(super) const HOUR: Range = Range { min: 0, max: 23, names: &[] };
    pub(super) const DAY: Range = Range { min: 1, max: 31, names: &[] };
    pub(super) const MONTH: Range = Range {
        min: 1,
        max: 12,
        names: &[
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ],
    };
    pub(super) const WEEKDAY: Range =
        Range { min: 0, max: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

    /// A number, or a name in any case; names count from the smallest number on.
    fn number(self, text: &str) -> Option<u32> {
        let by_name = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        match by_name {
            Some(at) => u32::try_from(at).ok()?.checked_add(self.min),
            None => text.parse().ok(),
        }
    }
}

/// Numbers below 64, and whether the field is a star, which matters for the two day fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    bits: u64,
    is_star: bool,
}

impl Field {
    pub(super) fn contains(self, number: i8) -> bool {
        u32::try_from(number).is_ok_and(|number| self.bits & (1 << number) != 0)
    }

    pub(super) fn is_star(self) -> bool {
        self.is_star
    }

    /// Reads a list of `*`, `?`, `a`, `a-b`, each with an optional step; `a/step` runs to the end of the range.
    pub(super) fn parse(text: &str, range: Range) -> Result<Self, ParseScheduleError> {
        let nothing = Field { bits: 0, is_star: false };
        text.split(',').try_fold(nothing, |field, part| {
            let part = parse_part(part, range)
                .map_err(|message| ParseScheduleError::Field { text: part.to_owned(), message })?;
            Ok(Field { bits: field.bits | part.bits, is_star: field.is_star || part.is_star })
        })
    }
}

fn parse_part(text: &str, range: Range) -> Result<Field, String> {
    let number =
        |text: &str| range.number(text).ok_or_else(|| format!("failed to parse int from {text:?}"));
    let (span, step) = match text.split_once('/') {
        Some((span, step)) => {
            let step = step.parse().map_err(|_| format!("failed to parse step {step:?}"))?;
            (span, Some(step))
        }
        None => (text, None),
    };
    let is_star = matches!(span, "*" | "?");
    let (start, end) = match span.split_once('-') {
        _ if is_star => (range.min, range.max),
        Some((start, end)) => (number(start)?, number(end)?),
        None if step.is_some() => (number(span)?, range.max),
        None => (number(span)?, number(span)?),
    };
    let step: u32 = step.unwrap_or(1);
    check(start, end, step, range)?;
    let numbers = (start..=end).step_by(usize::try_from(step).unwrap_or(usize::MAX));
    let bits = numbers.fold(0, |bits, number| bits | 1 << number);
    Ok(Field { bits, is_star: is_star && step == 1 })
}

fn check(start: u32, end: u32, step: u32, range: Range) -> Result<(), String> {
    let Range { min, max, .. } = range;
    if start < min {
        Err(format!("beginning of range ({start}) below minimum ({min})"))
    } else if end > max {
        Err(format!("end of range ({end}) above maximum ({max})"))
    } else if start > end {
        Err(format!("beginning of range ({start}) beyond end of range ({end})"))
    } else if step == 0 {
        Err("step of range should be a positive number".to_owned())
    } else {
        Ok(())
    }
}
