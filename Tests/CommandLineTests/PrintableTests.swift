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
}
