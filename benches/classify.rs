//! What one mail costs: parsing, judging, and a page that nests 100,000 deep.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use regards::classify::{Known, Rules};
use regards::parse;

fn mails() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail");
    let folders = std::fs::read_dir(root).into_iter().flatten().flatten();
    let files = folders.filter_map(|folder| std::fs::read_dir(folder.path()).ok()).flatten();
    files.flatten().filter_map(|file| std::fs::read(file.path()).ok()).collect()
}

fn one_mail(c: &mut Criterion) {
    let raw = mails();
    let messages: Vec<_> = raw.iter().map(|raw| parse::message(raw, true, &[])).collect();
    let rules = Rules::embedded();
    let mut group = c.benchmark_group("all of tests/mail");
    group.throughput(Throughput::Elements(raw.len() as u64));
    group.bench_function("parse", |b| {
        b.iter(|| raw.iter().for_each(|raw| drop(black_box(parse::message(raw, true, &[])))));
    });
    group.bench_function("classify", |b| {
        b.iter(|| {
            messages.iter().for_each(|m| drop(black_box(rules.classify(m, &Known::default()))))
        });
    });
    group.finish();
    c.bench_function("load the shipped rules", |b| b.iter(Rules::embedded));
    let deep = format!(
        "From: a@example.org\r\nContent-Type: text/html\r\n\r\n{}no",
        "<div>".repeat(100_000)
    );
    c.bench_function("100,000 nested tags", |b| {
        b.iter(|| parse::message(black_box(deep.as_bytes()), true, &[]));
    });
}

criterion_group!(benches, one_mail);
criterion_main!(benches);
