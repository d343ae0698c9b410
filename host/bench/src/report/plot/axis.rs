//! The scale of one axis: how far it goes, where values stand on it, and which are written beside it.

/// Ticks on an axis with equal steps, about.
const TICKS: f64 = 5.0;
/// A decade of a logarithmic axis has these ticks; the first alone if there are many decades.
const IN_DECADE: [f64; 3] = [1.0, 2.0, 5.0];

/// A scale from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Axis {
    /// Equal steps from 0.
    Linear { step: f64, most: f64 },
    /// Equal factors.
    Log { least: f64, most: f64 },
}

impl Axis {
    /// One that holds all values. Logarithmic if the largest is this many times the smallest.
    pub(super) fn fit(values: impl Iterator<Item = f64> + Clone, log_from: f64) -> Self {
        let least = values.clone().fold(f64::INFINITY, f64::min);
        let most = values.fold(0.0, f64::max);
        if most <= 0.0 {
            return Self::Linear { step: 0.5, most: 1.0 };
        }
        if least > 0.0 && most / least >= log_from {
            return Self::Log { least: tick_at(least, Side::Below), most: tick_at(most, Side::Above) };
        }
        let step = tick_at(most / TICKS, Side::Above);
        Self::Linear { step, most: (most / step - 1e-9).ceil() * step }
    }

    /// Where a value stands.
    pub(super) fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear { most, .. } => value / most,
            Self::Log { least, most } => (value / least).ln() / (most / least).ln(),
        }
    }

    /// The values that are written beside it.
    pub(super) fn ticks(self) -> Vec<f64> {
        match self {
            Self::Linear { step, most } => {
                (0..).map(|index| f64::from(index) * step).take_while(|tick| *tick <= most * 1.001).collect()
            }
            Self::Log { least, most } => {
                let decades = (least.log10() + 1e-9).floor() as i32..=(most.log10() + 1e-9).floor() as i32;
                let many = decades.clone().count() > 4;
                let all = decades.flat_map(|decade| IN_DECADE.map(|digit| (digit, digit * 10f64.powi(decade))));
                let some = all.filter(|(digit, _)| *digit < 1.5 || !many).map(|(_, tick)| tick);
                some.filter(|tick| (least * 0.999..=most * 1.001).contains(tick)).collect()
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Below,
    Above,
}

/// The next of 1, 2, 5, 10, 20 and so on, or the value itself if it is one.
fn tick_at(value: f64, side: Side) -> f64 {
    let decade = 10f64.powf(value.log10().floor());
    let digit = value / decade;
    let mut steps = [1.0, 2.0, 5.0, 10.0].into_iter();
    let step = match side {
        Side::Above => steps.find(|step| *step >= digit - 1e-9).unwrap_or(10.0),
        Side::Below => steps.rfind(|step| *step <= digit + 1e-9).unwrap_or(1.0),
    };
    step * decade
}

/// A value as it is written beside an axis: `19,000`, `0.25`.
pub(super) fn label(value: f64) -> String {
    if value < 1000.0 {
        // As many digits as it has, and two behind the point at most; more for the smallest.
        let digits = if value != 0.0 && value < 0.01 { 4 } else { 2 };
        let text = format!("{value:.digits$}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(values: &[f64]) -> Axis {
        Axis::fit(values.iter().copied(), 10.0)
    }

    #[test]
    fn a_narrow_range_has_equal_steps_from_nothing() {
        let axis = fit(&[4.1, 5.6]);
        assert_eq!(axis.ticks(), [0.0, 2.0, 4.0, 6.0]);
        assert!((axis.place(3.0) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_wide_range_is_logarithmic() {
        let axis = fit(&[1_000.0, 19_000.0]);
        assert_eq!(axis, Axis::Log { least: 1_000.0, most: 20_000.0 });
        assert_eq!(axis.ticks(), [1_000.0, 2_000.0, 5_000.0, 10_000.0, 20_000.0]);
        assert!((axis.place(1_000.0)).abs() < 1e-9 && (axis.place(20_000.0) - 1.0).abs() < 1e-9);
        assert_eq!(fit(&[1.0, 1e6]).ticks().len(), 7, "one tick for each decade");
    }

    #[test]
    fn nothing_and_zero_have_an_axis_too() {
        for values in [&[][..], &[0.0]] {
            assert_eq!(fit(values).ticks(), [0.0, 0.5, 1.0], "{values:?}");
        }
    }

    #[test]
    fn labels_are_short() {
        let labels = [0.0, 0.25, 2.0, 40.0, 1_000.0, 1_234_567.0, 0.001].map(label);
        assert_eq!(labels, ["0", "0.25", "2", "40", "1,000", "1,234,567", "0.001"]);
    }
}
