//! stub
use super::*;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
/// stub
pub async fn run_once<I: Intake>(_f: &Folder, _i: &I) -> Result<(), IntakeError> { Ok(()) }
/// stub
pub async fn watch<I: Intake>(_f: Folder, _i: Arc<I>, _c: Clock, _s: CancellationToken) {}
