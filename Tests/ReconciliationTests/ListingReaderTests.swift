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
      try reader.finish()
      reading.isWhole = true
    } catch .cutShort(let detail) {
      reading.endsWithToken = detail == "it ends with a token for the next page"
      reading.isWhole = reading.endsWithToken
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
      (#"{"Users":[\#(a)],"NextToken":"t","PaginationToken":null}"#, ["a"], true, true),
      (#"{"NextToken":"t","Users":[\#(a)],"NextToken":null}"#, ["a"], true, true),
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
      (#"{"Users":[\#(a)],"x":tru"#, ["a"], false, false),
      (#"\#(a){"b":"\u00"#, ["a"], false, false),
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
      (Array(#"{"Users":{}}"#.utf8), [], 0, nil), (Array(#"{"Attributes":1}"#.utf8), [], 0, nil),
      (Array(#"{"message":"x"}"#.utf8), [], 0, nil),
      (Array(#"{"UserPool":{"Id":"x"}}"#.utf8), [], 0, .userPool),
      ([0xEF, 0xBB, 0xBF] + Array(a.utf8), [], 0, .byteOrderMark),
      // Where brackets alone would find another place, or an end.
      (Array("\(a)\n{\"b\" 1, \"c\": \"\n\"}".utf8), ["a"], Int64(a.utf8.count + 6), nil),
      (
        Array(#"[\#(a),{"Username":"b,"Attributes":[]},\#(a)]"#.utf8), ["a"],
        Int64(a.utf8.count + 18), nil
      ),
      (Array(#"{"\q":1}"#.utf8), [], 3, nil),
      (Array("{\"Username\":\"".utf8) + [0xE9] + Array("\"}".utf8), [], 13, .notUTF8),
      (Array("{\"x\":\n".utf8) + Array(repeating: UInt8(ascii: "["), count: 70), [], 69, nil),
      (utf16, [], 1, .utf16), ([0xFF, 0xFE] + utf16, [], 0, .utf16),
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

  func testGoesOnBehindAnyElement() throws {
    let (a, b, c) = (user("a"), user("b"), user("c"))
    for text in [
      "{\"Users\":[\(a),\(b)]}{\"Users\":[\(c)]}", "[\(a),\(b),\(c)]", "\(a)\n\(b)\n\(c)",
      "{\"NextToken\":\"t\",\"Users\":[\(a),\(b),\(c)]}",
      "{\"NextToken\":\"t\",\"Users\":[\(a)]}\(b)\(c)",
      "{\"Users\":[\(a)],\"NextToken\":\"t\"}[\(b),\(c)]",
      "{\"NextToken\":\"t\",\"Users\":[\(a),\(b)]}{\"Users\":[\(c)]}",
    ] {
      let whole = read(Array(text.utf8))
      XCTAssertEqual(whole.users, ["a", "b", "c"])
      for count in 1...3 {
        var before = ListingReader()
        before.append(Array(text.utf8))
        for _ in 0..<count { XCTAssertNotNil(try before.next()) }
        let rest = Array(text.utf8.dropFirst(Int(before.offset)))
        let after = read(rest, reader: try XCTUnwrap(ListingReader(at: before.position)))
        XCTAssertEqual(after.users, Array(whole.users.dropFirst(count)), text)
        XCTAssertEqual(after.offsets, Array(whole.offsets.dropFirst(count)), text)
        XCTAssertTrue(after.isWhole)
        XCTAssertEqual(after.endsWithToken, whole.endsWithToken, text)
      }
    }
  }

  func testAUserThatIsTooLongIsAnErrorAndIsNotKept() {
    let (a, long) = (user("a"), String(repeating: "x", count: 3 << 20))
    let cases: [(String, Int64, ListingHint?)] = [
      ("\(a)\n{\"Username\":\"\(long)\"}", Int64(a.utf8.count + 1), .tooLong),
      ("{\"Users\":[],\"x\":\"\(long)\"}", 10, .tooLong),
      // The byte that is wrong says more than the length.
      ("{\"Username\":\"\n\(long)\"}", 13, nil),
    ]
    for (text, byte, hint) in cases {
      for chunk in [1 << 16, 4 << 20] {
        let reading = read(Array(text.utf8), chunk: chunk)
        XCTAssertEqual(reading.error, .malformed(byte: byte, hint: hint))
      }
      var reader = ListingReader()
      var most = 0
      let chunk = Array(text.utf8.prefix(1 << 16))
      reader.append(chunk)
      while (try? reader.next()) != nil {}
      for _ in 0..<40 {
        reader.append(Array(repeating: UInt8(ascii: "x"), count: 1 << 16))
        do { _ = try reader.next() } catch { break }
        most = max(most, reader.bytes.count)
      }
      XCTAssertTrue((1 << 19...ListingReader.userLimit).contains(most), "\(most)")
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
      agreesWithAWholeReading(bytes, reading, number)
    }
    XCTAssertGreaterThan(whole, 1000)
    XCTAssertGreaterThan(malformed, 10_000)
    XCTAssertGreaterThan(cut, 1000)
  }

  /// A listing gives what its whole values hold; what is none ends in an error.
  private func agreesWithAWholeReading(_ bytes: [UInt8], _ reading: Reading, _ number: Int) {
    let label = "\(number): \(String(decoding: bytes, as: UTF8.self))"
    // A second list of users, which is an error here, would count as the only one.
    let keys = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\"Users\"").count - 1
    guard keys < 2 else { return }
    let whole = users(in: bytes)
    if reading.error == nil, reading.isWhole {
      XCTAssertEqual(reading.users, whole?.names, label)
      XCTAssertEqual(reading.endsWithToken, whole?.hasToken, label)
    } else {
      XCTAssertNil(whole, label)
    }
  }

  /// All users of a listing, read as whole JSON values; nil when it is none.
  private func users(in bytes: [UInt8]) -> (names: [String], hasToken: Bool)? {
    guard var reader = try? JSONReader(bytes) else { return nil }
    var (users, hasToken): ([JSONValue], Bool) = ([], false)
    var isFirst = true
    while (try? reader.end()) == nil {
      guard let value = try? reader.value() else { return nil }
      if case .array(let list) = value {
        users += list
      } else if case .array(let list)? = value.object?["Users"] {
        users += list
        let token = value.object?["NextToken"] ?? .null
        hasToken = token != .null && token != .string("")
      } else if isFirst, let members = value.object, members["Username"] == nil {
        return nil
      } else {
        users.append(value)
      }
      isFirst = false
    }
    guard users.allSatisfy({ $0.object != nil }) else { return nil }
    return (users.map { (try? CognitoUser($0).username) ?? "-" }, hasToken)
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
