import CognitoAPI
import Foundation
import JSON
import TestSupport
import XCTest

@testable import Reconciliation

/// What was read, and how it ended.
private struct Reading: Equatable {
  /// Names; `-` for what is no user.
  var users: [String] = []
  var offsets: [Int64] = []
  var error: ListingError?
  var isWhole = false
  var endsWithToken = false
}

final class ListingReaderTests: XCTestCase {
  private func read(
    _ bytes: [UInt8], chunk: Int = .max, reader: ListingReader = ListingReader()
  ) -> Reading {
    var reader = reader
    var reading = Reading()
    var rest = bytes[...]
    do {
      while true {
        if let element = try reader.next() {
          reading.users.append((try? element.user.get().username) ?? "-")
          reading.offsets.append(element.offset)
        } else if rest.isEmpty {
          break
        } else {
          reader.append(Array(rest.prefix(chunk)))
          rest = rest.dropFirst(chunk)
        }
      }
      reading.isWhole = reader.isWhole
      reading.endsWithToken = reader.endsWithToken
    } catch {
      reading.error = error
    }
    return reading
  }

  private func user(_ name: String) -> String { #"{"Username":"\#(name)","Attributes":[]}"# }

  func testReadsUsersInEveryFormWhateverTheChunks() {
    let (a, b, c) = (user("a"), user("b"), user("c"))
    let odd = #"{"Username":"}]\"{","Attributes":[{"Name":"x","Value":"[{\\"}]}"#
    let cases: [(String, [String], isWhole: Bool, hasToken: Bool)] = [
      ("", [], true, false), (" \n", [], true, false),
      (#"{"Users": []}"#, [], true, false),
      (#"{"Users": [\#(a) , \#(odd)]}"#, ["a", "}]\"{"], true, false),
      (#"{"Users":[{"x":1},7,null,"Users"]}"#, ["-"], false, false),
      // Several documents, with a token for more in each but the last.
      (#"{"Users":[\#(a)],"PaginationToken":"t"}{"Users":[\#(b)]}"#, ["a", "b"], true, false),
      (#"{"Users":[\#(a)],"PaginationToken":"t"}"#, ["a"], true, true),
      (#"{"NextToken":"t","Users":[\#(a)]}"#, ["a"], true, true),
      (#"{"NextToken":"t","x":["Users",{"Users":[]}],"Users":[\#(a)]}"#, ["a"], true, true),
      (#"{"Users":[\#(a)],"NextToken":null}"#, ["a"], true, false),
      (#"{"Users":[\#(a)],"NextToken":""}"#, ["a"], true, false),
      ("{\n  \"Users\": [\n            \(a)\n  ]\n}\n", ["a"], true, false),
      // An array, as --query Users prints it; one user a line, as jq does.
      (" [ \(a) , \(b) ] ", ["a", "b"], true, false), ("[]", [], true, false),
      ("\(a)\n\(b)\n\(c)", ["a", "b", "c"], true, false),
      // Cut.
      (#"{"Users":[\#(a),{"b"#, ["a"], false, false), (#"{"Users":[\#(a)"#, ["a"], false, false),
      (#"{"Users":[\#(a)]"#, ["a"], false, false), ("[\(a)", ["a"], false, false),
      ("\(a)\n{\"b\":\"", ["a"], false, false), (#"{"Users":[\#(a),"#, ["a"], false, false),
    ]
    for (text, users, isWhole, hasToken) in cases {
      for chunk in [1, 2, 3, 7, 1000] {
        let reading = read(Array(text.utf8), chunk: chunk)
        XCTAssertEqual(reading.users, users, "\(chunk): \(text)")
        XCTAssertEqual(reading.isWhole, isWhole, "\(chunk): \(text)")
        XCTAssertEqual(reading.endsWithToken, hasToken, "\(chunk): \(text)")
      }
    }
  }

  func testAnythingElseIsOneErrorWithItsByte() throws {
    let a = user("a")
    let field = TestEnvironment.fixtures.appendingPathComponent("listings")
    func file(_ name: String) throws -> [UInt8] {
      Array(try Data(contentsOf: field.appendingPathComponent(name)))
    }
    let utf16 = Array("{\"Users\": []}".utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let cases: [([UInt8], users: [String], byte: Int64, ListingHint?)] = [
      (try file("brace-quote-line-end.txt"), [], 2, nil),
      (Array("An error occurred {Throttling}\n\(a)".utf8), [], 0, nil),
      (Array("\(a)\n{\"Username\":\"b\",oops}\n\(a)".utf8), ["a"], Int64(a.utf8.count + 17), nil),
      (Array("\(a)\n{\"Username\":\"b\n\(a)".utf8), ["a"], Int64(a.utf8.count + 15), nil),
      (Array("\(a),\(a)".utf8), ["a"], Int64(a.utf8.count), nil),
      (Array("[\(a) \(a)]".utf8), ["a"], Int64(a.utf8.count + 2), nil),
      (Array("[\(a),]".utf8), ["a"], Int64(a.utf8.count + 2), nil), (Array("[,]".utf8), [], 1, nil),
      (Array("[1]".utf8), [], 1, nil), (Array("[[]]".utf8), [], 1, nil),
      (Array("}".utf8), [], 0, nil),
      (Array(#"{"Users":[\#(a)],"Users":[]}"#.utf8), ["a"], Int64(a.utf8.count + 10), nil),
      (Array(#"{"Users":[\#(a)]] "#.utf8), ["a"], Int64(a.utf8.count + 11), nil),
      (Array(#"{"Users":[\#(a)],oops}"#.utf8), ["a"], Int64(a.utf8.count + 12), nil),
      (Array(#"{"x":tru,"Users":[\#(a)]}"#.utf8), [], 5, nil),
      (Array(#"{"Users":{}}"#.utf8), [], 0, nil), (Array(#"{"message":"x"}"#.utf8), [], 0, nil),
      (Array(#"{"UserPool":{"Id":"x"}}"#.utf8), [], 0, .userPool),
      ([0xEF, 0xBB, 0xBF] + Array(a.utf8), [], 0, .byteOrderMark),
      (utf16, [], 3, .utf16), ([0xFF, 0xFE] + utf16, [], 0, .utf16),
      ([0xFE, 0xFF, 0], [], 0, .utf16),
      (Array("USERS\tTrue\t2026".utf8), [], 0, .otherOutput),
      (Array("Users:\n- Attributes:".utf8), [], 0, .otherOutput),
      (Array("-----\n|  ListUsers".utf8), [], 0, .otherOutput),
    ]
    for (bytes, users, byte, hint) in cases {
      for chunk in [1, 2, 3, 7, 1000] {
        let reading = read(bytes, chunk: chunk)
        let label = "\(chunk): \(String(decoding: bytes, as: UTF8.self))"
        XCTAssertEqual(reading.users, users, label)
        guard case .malformed(let at, let seen)? = reading.error else {
          XCTFail("no error, \(label)")
          continue
        }
        XCTAssertEqual(at, byte, label)
        // A hint needs the beginning at once.
        if chunk == 1000 { XCTAssertEqual(seen, hint, label) }
      }
    }
  }

  func testGoesOnBehindAnyElement() {
    let (a, b, c) = (user("a"), user("b"), user("c"))
    for text in [
      "{\"Users\":[\(a),\(b)]}{\"Users\":[\(c)]}", "[\(a),\(b),\(c)]", "\(a)\n\(b)\n\(c)",
      "{\"NextToken\":\"t\",\"Users\":[\(a),\(b),\(c)]}",
    ] {
      let whole = read(Array(text.utf8))
      XCTAssertEqual(whole.users, ["a", "b", "c"])
      for count in 1...3 {
        var before = ListingReader()
        before.append(Array(text.utf8))
        for _ in 0..<count { XCTAssertNotNil(try before.next()) }
        let rest = Array(text.utf8.dropFirst(Int(before.offset)))
        let after = read(rest, reader: ListingReader(at: before.offset, in: before.container))
        XCTAssertEqual(after.users, Array(whole.users.dropFirst(count)), text)
        XCTAssertEqual(after.offsets, Array(whole.offsets.dropFirst(count)), text)
        XCTAssertTrue(after.isWhole)
        XCTAssertEqual(after.endsWithToken, whole.endsWithToken, text)
      }
    }
  }

  func testAUserThatIsTooLongIsAnErrorAndIsNotKept() {
    let long = "{\"Username\":\"" + String(repeating: "x", count: 3 << 20) + "\"}"
    for chunk in [1 << 16, 4 << 20] {
      let reading = read(Array("\(user("a"))\n\(long)".utf8), chunk: chunk)
      XCTAssertEqual(reading.users, ["a"])
      XCTAssertEqual(
        reading.error, .malformed(byte: Int64(user("a").utf8.count + 1), hint: .tooLong))
    }
  }

  func testFiftyThousandSpoiledListingsAreReadTheSameInEveryChunk() throws {
    let users = ["ada", "grace"].map { name in
      #"{"Username":"\#(name)","Attributes":[{"Name":"sub","Value":"1"}],"Enabled":true}"#
    }
    let listings = [
      "{\n  \"Users\": [\n        \(users[0]),\n        \(users[1])\n  ]\n}\n",
      #"{"NextToken":"t","Users":[\#(users[0]),\#(users[1])]}"#,
      "\(users[0])\n\(users[1])\n", "[\(users[0]),\(users[1])]",
    ].map { Array($0.utf8) }
    var random = SeededGenerator(seed: 12)
    var (whole, malformed, cut) = (0, 0, 0)
    for number in 0..<50_000 {
      let bytes = spoiled(listings[number % listings.count], &random)
      let reading = read(bytes)
      let chunk = Int.random(in: 1...Swift.max(1, bytes.count), using: &random)
      let again = read(bytes, chunk: chunk)
      XCTAssertEqual(again.users, reading.users, "\(number)")
      XCTAssertEqual(again.offsets, reading.offsets, "\(number)")
      XCTAssertEqual(again.isWhole, reading.isWhole, "\(number)")
      switch (reading.error, again.error) {
      case (nil, nil): if reading.isWhole { whole += 1 } else { cut += 1 }
      case (.malformed(let at, _)?, .malformed(let again, _)?):
        malformed += 1
        XCTAssertEqual(at, again, "\(number)")
        XCTAssertTrue((0...Int64(bytes.count)).contains(at), "\(number)")
      default:
        XCTFail(
          "\(number): \(String(describing: reading.error)), \(String(describing: again.error))")
      }
      try agreesWithAWholeReading(bytes, reading, number)
    }
    XCTAssertGreaterThan(whole, 1000)
    XCTAssertGreaterThan(malformed, 10_000)
    XCTAssertGreaterThan(cut, 1000)
  }

  /// What is one JSON document with a list of users holds just these.
  private func agreesWithAWholeReading(_ bytes: [UInt8], _ reading: Reading, _ number: Int) throws {
    guard let object = (try? JSONValue(parsing: bytes))?.object else { return }
    guard case .array(let values)? = object["Users"], values.allSatisfy({ $0.object != nil }),
      String(decoding: bytes, as: UTF8.self).components(separatedBy: "Users").count == 2
    else { return }
    XCTAssertNil(reading.error, "\(number)")
    XCTAssertTrue(reading.isWhole, "\(number)")
    XCTAssertEqual(
      reading.users, values.map { (try? CognitoUser($0).username) ?? "-" }, "\(number)")
    let token = object["NextToken"] ?? .null
    XCTAssertEqual(reading.endsWithToken, token != .null && token != .string(""), "\(number)")
  }

  private func spoiled(_ listing: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = listing
    for _ in 0...Int.random(in: 0...2, using: &random) where !bytes.isEmpty {
      let at = Int.random(in: bytes.indices, using: &random)
      let end = Swift.min(bytes.count, at + Int.random(in: 1...30, using: &random))
      switch Int.random(in: 0..<7, using: &random) {
      case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes.removeSubrange(at..<end)
      case 2: bytes.insert(contentsOf: bytes[at..<end], at: at)
      case 3: bytes.removeSubrange(at...)
      case 4:
        bytes.insert(Array("{}[]\",:\\\n \0\u{FF}".utf8).randomElement(using: &random) ?? 0, at: at)
      case 5: bytes.swapAt(at, end - 1)
      default: bytes.insert(contentsOf: Array(repeating: 0x20, count: 20), at: at)
      }
    }
    return bytes
  }
}

final class TokenLoopTests: XCTestCase {
  func testACircleOfAnyLengthIsNoticedAndNothingElse() {
    for lead in [0, 1, 7, 100] {
      for circle in [1, 2, 3, 5, 60] {
        var loop = TokenLoop()
        var count = 0
        while !loop.closes(with: count < lead ? "\(count)" : "c\((count - lead) % circle)") {
          count += 1
          if count > 10 * (lead + circle) { return XCTFail("\(lead), \(circle)") }
        }
        XCTAssertGreaterThanOrEqual(count, lead + circle - 1)
      }
    }
    var loop = TokenLoop()
    for number in 0..<10_000 { XCTAssertFalse(loop.closes(with: "\(number)")) }
  }
}
