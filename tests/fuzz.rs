//! The saved inputs of the fuzzer, on the stable compiler: what was found once stays found.

#[path = "../fuzz/targets.rs"]
mod targets;

use std::fs;
use std::path::Path;

/// Each target with the directory of its inputs, and how many changed ones are tried: a rule
/// file costs the compilation of all rules, a reply next to nothing.
const TARGETS: [(&str, fn(&[u8]), usize); 6] = [
    ("message", targets::message, 200),
    ("rules", targets::rules, 4),
    ("config", targets::config, 1_000),
    ("template", targets::template, 40),
    ("compose", targets::compose, 400),
    ("reply", targets::reply, 20_000),
];

/// The long form tries so many times as many.
const TIMES: &str = "REGARDS_FUZZ_TIMES";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The saved inputs of a target, in the order of their names.
fn inputs(name: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(root().join("fuzz/inputs").join(name)).unwrap();
    let mut files: Vec<_> = entries.map(|it| it.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{name} has no input to begin with");
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn every_saved_input_passes() {
    for (name, target, _) in TARGETS {
        inputs(name).iter().for_each(|input| target(input));
    }
}

/// Numbers that look random and are the same in every run (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % limit.max(1)
    }

    /// One of the inputs, changed in a few places: a byte, a piece less, a piece of another.
    fn changed(&mut self, inputs: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = inputs[self.below(inputs.len())].clone();
        for _ in 0..=self.below(8) {
            let at = self.below(bytes.len() + 1);
            let end = bytes.len().min(at + self.below(40));
            let new = match self.below(3) {
                0 => vec![u8::try_from(self.below(256)).unwrap()],
                1 => Vec::new(),
                _ => {
                    let other = &inputs[self.below(inputs.len())];
                    let from = self.below(other.len() + 1);
                    other[from..other.len().min(from + self.below(200))].to_vec()
                }
            };
            bytes.splice(at..end, new);
        }
        bytes
    }
}

#[test]
fn changed_inputs_pass_too() {
    let times = std::env::var(TIMES).ok().and_then(|it| it.parse().ok()).unwrap_or(1_usize);
    for (name, target, cases) in TARGETS {
        let (inputs, mut numbers) = (inputs(name), Numbers(0x9e37_79b9_7f4a_7c15));
        for case in 0..cases * times {
            let input = numbers.changed(&inputs);
            let tried = std::panic::catch_unwind(|| target(&input));
            assert!(tried.is_ok(), "{name}, case {case}: {:?}", String::from_utf8_lossy(&input));
        }
    }
}

#[test]
fn every_target_is_built_by_the_fuzzer_and_run_here() {
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    let named: Vec<&str> =
        manifest.lines().filter_map(|line| line.strip_prefix("name = \"")).collect();
    let built: Vec<&str> = named.iter().skip(1).map(|it| it.trim_end_matches('"')).collect();
    assert_eq!(built, TARGETS.map(|(name, ..)| name));
    for name in built {
        let file = root().join("fuzz/fuzz_targets").join(format!("{name}.rs"));
        let text = fs::read_to_string(file).unwrap();
        assert!(text.contains(&format!("targets::{name}(bytes)")), "{text}");
    }
}
