//! The binary: hands over to [`regards::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    // The child that asks the keyring must not start anything else: no threads, no runtime.
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|word| word == regards::secret::HELPER_COMMAND) {
        return regards::secret::answer_as_helper(arguments);
    }
    regards::cli::main(std::env::args_os())
}
