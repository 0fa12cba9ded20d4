import XCTest

@testable import Reconciliation

final class ListingScannerTests: XCTestCase {
  /// What is found, as text; problems in angle brackets.
  private func scan(
    _ text: String, chunk: Int = .max, scanner: inout ListingScanner
  ) -> [String] {
    var found: [String] = []
    var rest = Array(text.utf8)[...]
    while true {
      switch scanner.next() {
      case .user(let bytes, _): found.append(String(decoding: bytes, as: UTF8.self))
      case .problem(let reason, _): found.append("<\(reason)>")
      case nil:
        if rest.isEmpty { return found }
        scanner.append(Array(rest.prefix(chunk)))
        rest = rest.dropFirst(chunk)
      }
    }
  }

  func testFindsUsersInEveryFormWhateverTheChunks() {
    let cases: [(String, [String], isWhole: Bool, hasToken: Bool)] = [
      ("", [], true, false),
      (#"{"Users": []}"#, [], true, false),
      (#"{"Users": [{"a": 1}, {"b": "}]"}]}"#, [#"{"a": 1}"#, #"{"b": "}]"}"#], true, false),
      // Several documents, with a token for more in each but the last.
      (
        #"{"Users":[{"a":[1]}],"PaginationToken":"t"}{"Users":[{"b":{"c":"\"{"}}]}"#,
        [#"{"a":[1]}"#, #"{"b":{"c":"\"{"}}"#], true, false
      ),
      (#"{"Users":[{"a":1}],"PaginationToken":"t"}"#, [#"{"a":1}"#], true, true),
      (#"{"NextToken":"t","Users":[{"a":1}]}"#, [#"{"a":1}"#], true, true),
      (#"{"Users":[{"a":1}],"NextToken":null}"#, [#"{"a":1}"#], true, false),
      (#"{"Users":[{"a":1}],"NextToken":""}"#, [#"{"a":1}"#], true, false),
      (
        "{\n  \"Users\": [\n    {\n  \"a\": 1\n    }\n  ]\n}\n", ["{\n  \"a\": 1\n    }"], true,
        false
      ),
      // An array; one user a line, as jq prints them.
      (#" [ {"a":1} , {"b":2} ] "#, [#"{"a":1}"#, #"{"b":2}"#], true, false),
      (
        "{\"a\":1}\n{\"PaginationToken\":\"x\"}\n", [#"{"a":1}"#, #"{"PaginationToken":"x"}"#],
        true, false
      ),
      // Cut.
      (#"{"Users":[{"a":1},{"b"#, [#"{"a":1}"#], false, false),
      (#"{"Users":[{"a":1}"#, [#"{"a":1}"#], false, false),
      (#"{"Users":[{"a":1}]"#, [#"{"a":1}"#], false, false),
      (#"[{"a":1}"#, [#"{"a":1}"#], false, false),
      ("{\"a\":1}\n{\"b\":\"", [#"{"a":1}"#], false, false),
      // A line that broke off is reported, and costs no other.
      (
        "{\"a\":\"1\n{\"b\":2}\n{\"c\":3}\n", ["<broken off>", #"{"b":2}"#, #"{"c":3}"#], false,
        false
      ),
      // No users.
      ("[1, \"}\", null, {\"a\":1}]", ["<not a user: no JSON object>", #"{"a":1}"#], true, false),
      (
        "An error occurred {Throttling}\n{\"a\":1}\n",
        ["<not a user: no JSON object>", #"{"a":1}"#], true, false
      ),
      ("}]\n{\"a\":1}", ["<not a user: no JSON object>", #"{"a":1}"#], true, false),
    ]
    for (text, expected, isWhole, hasToken) in cases {
      for chunk in [1, 2, 3, 7, 1000] {
        var scanner = ListingScanner()
        XCTAssertEqual(scan(text, chunk: chunk, scanner: &scanner), expected, "\(chunk): \(text)")
        XCTAssertEqual(scanner.isWhole, isWhole, "\(chunk): \(text)")
        XCTAssertEqual(scanner.endsWithToken, hasToken, "\(chunk): \(text)")
      }
    }
  }

  func testGoesOnBehindAnyElement() {
    for text in [
      #"{"Users":[{"a":1},{"b":2}]}{"Users":[{"c":3}]}"#, #"[{"a":1},{"b":2},{"c":3}]"#,
      "{\"a\":1}\n{\"b\":2}\n{\"c\":3}",
    ] {
      var first = ListingScanner()
      let whole = scan(text, scanner: &first)
      XCTAssertEqual(whole.count, 3)
      for count in 1...3 {
        var before = ListingScanner()
        before.append(Array(text.utf8))
        for _ in 0..<count { XCTAssertNotNil(before.next()) }
        var after = ListingScanner(at: before.offset, in: before.container)
        let rest = String(decoding: Array(text.utf8).dropFirst(Int(before.offset)), as: UTF8.self)
        XCTAssertEqual(scan(rest, scanner: &after), Array(whole.dropFirst(count)), text)
        XCTAssertTrue(after.isWhole)
      }
    }
  }

  func testKeepsNoMoreThanOneUserOfABoundedLength() {
    var scanner = ListingScanner()
    let found = scan(
      "{\"a\":\"" + String(repeating: "x", count: 3 << 20) + "\"}\n{\"b\":2}\n", chunk: 1 << 16,
      scanner: &scanner)
    XCTAssertEqual(found, ["<longer than 1 MB>", #"{"b":2}"#])
    XCTAssertFalse(scanner.isWhole)
    XCTAssertLessThan(scanner.bytes.count, 3 << 16)
  }
}
