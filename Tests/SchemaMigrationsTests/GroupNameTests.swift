import Foundation
import Postgres
import TestSupport
import XCTest

/// A role's name is one that Cognito takes for a group: `[\p{L}\p{M}\p{S}\p{N}\p{P}]+`, 1 to 128.
final class GroupNameTests: XCTestCase {
  func testWhatIsNoGroupsNameIsNoRoles() throws {
    let database = try TestDatabase()
    let refused = [
      "", " ", "two words", "tab\there", "line\nend", "\u{7F}", "soft\u{AD}hyphen",
      "wide\u{3000}space",
      "no\u{A0}break", "zero\u{200B}width", "\u{FEFF}mark", "right\u{202E}left", "👩\u{200D}💻",
      "private\u{E000}", "tag\u{E0041}", String(repeating: "x", count: 129),
    ]
    for name in refused {
      XCTAssertThrowsError(
        try database.query("INSERT INTO cognito.roles (name) VALUES ($1::text)", [name]),
        name.debugDescription
      ) { error in
        guard case .statementFailed(let error)? = error as? PostgresError else {
          return XCTFail("\(error)")
        }
        XCTAssertEqual(error.state, SQLState("23514"))
        XCTAssertEqual(error.constraint, "roles_name_is_a_group_name")
      }
    }
    let taken = [
      "admin", "Billing:\"EU\"", "ä\\", "管理者", "مدير", "team/a+b=c", "🦊", "e\u{301}", "½€",
      String(repeating: "x", count: 128), String(repeating: "🦊", count: 128),
    ]
    for name in taken {
      try database.query("INSERT INTO cognito.roles (name) VALUES ($1::text)", [name])
    }
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.roles"), "\(taken.count)")
    XCTAssertThrowsError(try database.execute("UPDATE cognito.roles SET name = 'two words'"))
  }

  /// The ranges are right for every character that Unicode has given a category.
  func testEveryCharacterIsJudgedByItsCategory() throws {
    let database = try TestDatabase()
    let check = try XCTUnwrap(
      database.value(
        """
        SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint
        WHERE conname = 'roles_name_is_a_group_name'
        """))
    let refused = Set(
      try database.query(
        """
        SELECT i FROM generate_series(1, 1114111) AS i, LATERAL (
          SELECT chr(CASE WHEN i BETWEEN 55296 AND 57343 THEN 1 ELSE i END)::citext AS name) AS c
        WHERE NOT (\(check))
        """
      ).compactMap { $0[0].flatMap { UInt32($0) } })
    var wrong: [String] = []
    for number in UInt32(1)...0x10FFFF {
      guard let scalar = Unicode.Scalar(number) else { continue }
      let isTaken: Bool? =
        switch scalar.properties.generalCategory {
        case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control, .format, .privateUse,
          .surrogate:
          false
        case .unassigned: nil
        default: true
        }
      guard let isTaken, isTaken == refused.contains(number) else { continue }
      wrong.append(String(number, radix: 16))
    }
    XCTAssertEqual(wrong, [])
  }
}
