import CognitoTriggers
import XCTest

@testable import UserImport

final class ImportLineTests: XCTestCase {
  private static let header = [
    "cognito:username", "name", "email", "email_verified", "birthdate", "phone_number",
    "phone_number_verified", "cognito:mfa_enabled", "custom:legacy_id",
  ]

  private func columns(
    _ names: [String], header: [String] = header
  ) throws(ImportColumnsError) -> ImportColumns {
    try ImportColumns(names, header: header, legacyAttribute: "custom:legacy_id")
  }

  func testColumnsAreFoundByTheirNames() throws {
    let found = try columns(["legacy_id", "password_hash", "email", "username"])
    XCTAssertEqual(
      found.headerLine(hasHashes: true), (Self.header + ["password_hash"]).joined(separator: ","))
    XCTAssertEqual(found.headerLine(hasHashes: false), Self.header.joined(separator: ","))
    XCTAssertEqual(
      try found.line(of: ["7", "old", "a@example.com", "ada"], hash: "$2b$"),
      "ada,,a@example.com,false,,,false,,7,$2b$")
    XCTAssertEqual(
      try found.line(of: ["7", "old", nil, "ada"], hash: nil), "ada,,,false,,,false,,7")
    let own = try columns(["username"], header: ["password_hash", "cognito:username"])
    XCTAssertEqual(own.headerLine(hasHashes: true), "password_hash,cognito:username")
    XCTAssertEqual(try own.line(of: ["ada"], hash: "$2b$"), "$2b$,ada")
    XCTAssertEqual(try own.line(of: ["ada"], hash: nil), ",ada")
  }

  func testColumnsThatMakeNoFile() {
    let rows: [(names: [String], header: [String], error: ImportColumnsError)] = [
      (["email"], Self.header, .noUsername), ([], Self.header, .noUsername),
      (["username", "cognito:username"], Self.header, .twice("cognito:username")),
      (["username", "email", "email"], Self.header, .twice("email")),
      (["legacy_id", "custom:legacy_id", "username"], Self.header, .twice("custom:legacy_id")),
      (["username", "plan", "E-Mail"], Self.header, .unknown(["plan", "E-Mail"])),
      (["username", "legacy_id"], ["cognito:username"], .noAttribute("custom:legacy_id")),
    ]
    for row in rows {
      XCTAssertThrowsError(try columns(row.names, header: row.header)) {
        XCTAssertEqual($0 as? ImportColumnsError, row.error)
      }
    }
  }

  func testValuesAreWrittenAsCognitoReadsThem() throws {
    let names = [
      "username", "name", "email_verified", "birthdate", "cognito:mfa_enabled", "legacy_id",
      "email",
    ]
    let found = try columns(names)
    let rows: [(values: [String?], line: String)] = [
      (
        ["ada", "Berg, Ada", "t", "1985-02-01", "TRUE", "a,b", "a@b.c"],
        #"ada,Berg\, Ada,a@b.c,true,02/01/1985,,false,true,a\,b"#
      ),
      (
        ["ada", "日本 x", "Yes", "02/01/1985", "", nil, "a@b.c"],
        "ada,日本 x,a@b.c,true,02/01/1985,,false,,"
      ),
      (["ada", "", "0", nil, "f", "", "a@b.c"], "ada,,a@b.c,false,,,false,false,"),
      (["ada"], "ada,,,false,,,false,,"),
      // Of no address nothing is verified.
      (["ada", nil, "t", nil, nil, nil, ""], "ada,,,false,,,false,,"),
    ]
    for row in rows {
      let line = try found.line(of: row.values, hash: nil)
      XCTAssertEqual(line, row.line)
      XCTAssertEqual(
        found.legacyID(ofLine: line, hasHashes: false, legacyAttribute: "custom:legacy_id"),
        found.legacyID(of: row.values))
    }
    XCTAssertNil(
      found.legacyID(ofLine: "a,b", hasHashes: false, legacyAttribute: "custom:legacy_id"))
  }

  func testValuesThatNoFileCanHoldAreNamedByTheirColumn() throws {
    let found = try columns(
      ["username", "name", "email_verified", "email", "phone_number", "birthdate"])
    let rows: [(values: [String?], column: String, fault: UnwritableValue.Fault)] = [
      (["ada", "two\nlines"], "name", .control), (["ada", "a\u{2028}b"], "name", .control),
      (["ada", "a\u{0}b"], "name", .control), (["ada", "tab\t"], "name", .control),
      (["ada", #"a\b"#], "name", .backslash), (["ada", #"a"b"#], "name", .quote),
      ([nil], "username", .empty), ([""], "username", .empty), (["a b"], "username", .blank),
      (["a\u{A0}b"], "username", .blank),
      (["ada", nil, "maybe", "a@b.c"], "email_verified", .noBoolean),
      (["ada", nil, nil, "not-an-address"], "email", .form),
      (["ada", nil, nil, "a@b.c", "030 123"], "phone_number", .form),
      (["ada", nil, nil, nil, nil, "1985-2-1"], "birthdate", .form),
      (["ada", String(repeating: "x", count: 2049)], "name", .form),
    ]
    for row in rows {
      XCTAssertThrowsError(try found.line(of: row.values, hash: nil)) {
        XCTAssertEqual($0 as? UnwritableValue, UnwritableValue(row.column, row.fault))
      }
    }
    // No attribute is as long, but together they are.
    let longest = 16_000 - (try found.line(of: ["ada"], hash: "")).utf16.count
    XCTAssertNoThrow(
      try found.line(of: ["ada"], hash: String(repeating: "x", count: longest)))
    XCTAssertThrowsError(
      try found.line(of: ["ada"], hash: String(repeating: "x", count: longest + 1))
    ) {
      XCTAssertEqual($0 as? UnwritableValue, UnwritableValue("the row", .tooLong))
    }
  }

  func testWhoCanBeReached() throws {
    let found = try columns(
      ["username", "email", "email_verified", "phone_number", "phone_number_verified"])
    let (both, email): (Set<ContactAttribute>, Set<ContactAttribute>) = (
      [.email, .phoneNumber], [.email]
    )
    let rows: [(values: [String?], verified: Set<ContactAttribute>, isReachable: Bool)] = [
      (["a", "a@b.c", "t", nil, nil], both, true), (["a", nil, nil, "+1", "true"], both, true),
      (["a", "a@b.c", "f", "+1", "1"], both, true), (["a", "a@b.c", "f", nil, nil], both, false),
      (["a", nil, "t", nil, nil], both, false), (["a", "", "t", "+1", nil], both, false),
      (["a"], both, false), (["a", "a@b.c", "", "+1", ""], both, false),
      // One that the pool does not verify does not count.
      (["a", "a@b.c", "t", "+1", "t"], email, true),
      (["a", "a@b.c", "f", "+1", "t"], email, false),
      (["a", nil, "t", "+1", "t"], email, false), (["a", "a@b.c", "t", nil, nil], email, true),
      (["a", "a@b.c", "t", nil, nil], [.phoneNumber], false),
    ]
    for row in rows {
      XCTAssertEqual(
        try found.isReachable(row.values, by: row.verified), row.isReachable, "\(row)")
    }
    XCTAssertFalse(try columns(["username"]).isReachable(["a"], by: both))
    // A time is no flag, and nobody is left to the trigger for it: not even who is reachable otherwise.
    let misread: [(values: [String?], column: String)] = [
      (["a", "a@b.c", "2024-01-01 00:00:00", nil, nil], "email_verified"),
      (["a", nil, "maybe", "+1", "t"], "email_verified"),
      (["a", "a@b.c", "t", "+1", "null"], "phone_number_verified"),
    ]
    for row in misread {
      XCTAssertThrowsError(try found.isReachable(row.values, by: both)) {
        XCTAssertEqual($0 as? UnwritableValue, UnwritableValue(row.column, .noBoolean))
      }
    }
  }

  func testFilesAreBegunByAlgorithmRowsAndBytes() {
    var limits = ImportFileLimits()
    (limits.rows, limits.bytes) = (3, 100)
    var files = ImportFiles(limits: limits)
    let rows: [(algorithm: ImportAlgorithm?, length: Int, place: Int)] = [
      (.bcrypt, 10, 0), (.scrypt, 10, 1), (.bcrypt, 10, 0), (nil, 10, 2), (.bcrypt, 10, 0),
      // Three rows are full.
      (.bcrypt, 10, 3),
      // 10 + 10 + 79 = 99, and 100 fits.
      (.scrypt, 79, 1), (.scrypt, 1, 1), (.scrypt, 1, 4),
      // 10 + 10 + 81 does not.
      (.bcrypt, 81, 5), (.bcrypt, 9, 5), (nil, 10, 2),
    ]
    for row in rows {
      XCTAssertEqual(
        files.place(row.algorithm, length: row.length, headerLength: 10), row.place)
    }
    XCTAssertEqual(files.files.map(\.rows), [3, 3, 2, 1, 1, 2])
    XCTAssertEqual(files.files.map(\.bytes), [40, 100, 30, 20, 11, 100])
    XCTAssertEqual(
      files.files.map(\.algorithm), [.bcrypt, .scrypt, nil, .bcrypt, .scrypt, .bcrypt])
  }

  func testLinesOfAJobsLog() {
    let line = ImportLogLine(
      "[FAILED] Line Number 5956 - The User Record does not set any of the auto verified attributes to true."
    )
    XCTAssertEqual(line?.outcome, .failed)
    XCTAssertEqual(line?.line, 5956)
    XCTAssertEqual(
      line?.reason, "The User Record does not set any of the auto verified attributes to true.")
    XCTAssertEqual(ImportLogLine("[SUCCEEDED] Line Number 2 - x")?.outcome, .succeeded)
    for text in [
      "", "Cognito User Pools Import - Test Log", "[FAILED] Line Number 0 - x", "[FAILED] Line",
      "[FAILED] Line Number x - y", "FAILED Line Number 2 - y", "[LOST] Line Number 2 - y",
      "[FAILED] Line Number 99999999999999999999 - y", "[FAILED] Line Number 2 y z",
    ] {
      XCTAssertNil(ImportLogLine(text), text)
    }
  }
}
