import TestSupport
import XCTest

@testable import CommandLine

final class PrintableTests: XCTestCase {
  func testNothingSteersATerminalOrTurnsTheDirection() {
    let rows = [
      ("", ""), ("ada", "ada"), ("Ünïcödé 名 👩‍💻 ‌", "Ünïcödé 名 👩‍💻 ‌"),
      ("a\u{1B}[2Jb", "a\u{FFFD}[2Jb"), ("a\nb\r\tc\0", "a\u{FFFD}b\u{FFFD}\u{FFFD}c\u{FFFD}"),
      ("\u{7F}\u{9B}31m", "\u{FFFD}\u{FFFD}31m"), ("\u{2028}\u{2029}", "\u{FFFD}\u{FFFD}"),
      (
        "admin\u{202E}nimda\u{2066}\u{2069}\u{200F}\u{61C}",
        "admin\u{FFFD}nimda\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"
      ),
      ("\u{5D0}\u{5D1}", "\u{5D0}\u{5D1}"),
    ]
    for (text, shown) in rows { XCTAssertEqual(text.printable, shown) }
  }

  func testNoErrorSteersATerminal() throws {
    let database = try TestDatabase(migrated: false)
    let cases: [(arguments: [String], code: Int32, shown: String)] = [
      (["a\u{1B}[2J\u{202E}"], 64, "a\u{FFFD}[2J\u{FFFD}"),
      (["replay", "/no/a\u{1B}[2J"], 1, "/no/a\u{FFFD}[2J: there is no such file"),
      (
        ["migrate", "--database-url", database.ownerURL, "--handler-role", "a\u{1B}b"], 1,
        "there is no role a\u{FFFD}b"
      ),
    ]
    for (arguments, code, shown) in cases {
      let run = try CommandRun.pooltable(arguments)
      XCTAssertEqual(run.exitCode, code, run.errors)
      XCTAssertTrue(run.errors.contains(shown), run.errors)
      XCTAssertFalse(run.errors.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
      XCTAssertEqual(run.output, "")
    }
    let help = try CommandRun.pooltable(["--help"])
    XCTAssertEqual(help.exitCode, 0)
    XCTAssertTrue(help.output.contains("SUBCOMMANDS:"), help.output)
    XCTAssertEqual(help.errors, "")
  }
}
