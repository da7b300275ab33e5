//! The saved inputs of the fuzzer, on the stable compiler: what was found once stays found.

#[path = "../fuzz/targets.rs"]
mod targets;

use std::fs;
use std::path::Path;

/// Each target with the directory of its inputs.
const TARGETS: [(&str, fn(&[u8])); 6] = [
    ("message", targets::message),
    ("rules", targets::rules),
    ("config", targets::config),
    ("template", targets::template),
    ("compose", targets::compose),
    ("reply", targets::reply),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_saved_input_passes() {
    for (name, target) in TARGETS {
        let inputs = fs::read_dir(root().join("fuzz/inputs").join(name)).unwrap();
        let mut count = 0;
        for input in inputs.map(|it| it.unwrap().path()) {
            println!("{}", input.display());
            target(&fs::read(input).unwrap());
            count += 1;
        }
        assert!(count > 0, "{name} has no input to begin with");
    }
}

#[test]
fn every_target_is_built_by_the_fuzzer_and_run_here() {
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    let named: Vec<&str> =
        manifest.lines().filter_map(|line| line.strip_prefix("name = \"")).collect();
    let built: Vec<&str> = named.iter().skip(1).map(|it| it.trim_end_matches('"')).collect();
    assert_eq!(built, TARGETS.map(|(name, _)| name));
    for name in built {
        let file = root().join("fuzz/fuzz_targets").join(format!("{name}.rs"));
        let text = fs::read_to_string(file).unwrap();
        assert!(text.contains(&format!("targets::{name}(bytes)")), "{text}");
    }
}
