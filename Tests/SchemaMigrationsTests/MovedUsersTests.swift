import Foundation
import TestSupport
import XCTest

/// `cognito.moved_users`: who names whom by an attribute, and who is in doubt.
final class MovedUsersTests: XCTestCase {
  private let attribute = "custom:legacySub"

  private func name(_ value: String?, by user: TestUser, in database: TestDatabase) throws {
    try database.query(
      """
      UPDATE cognito.users SET attributes = jsonb_build_object($1::text, $2::jsonb) WHERE id = $3::uuid
      """, [attribute, value, user.id])
  }

  /// `new old problem`, the rows by their user names; `+` where they are merged.
  private func pairs(
    _ database: TestDatabase, new: String? = nil, old: String? = nil, by attribute: String? = nil
  ) throws -> Set<String> {
    Set(
      try database.query(
        """
        SELECT concat_ws(' ', n.username, o.username, CASE WHEN m.was_merged THEN '+' END, m.problem)
        FROM cognito.moved_users($1::text, $2::text, $3::text) AS m
        JOIN cognito.users AS n ON n.id = m.new_id LEFT JOIN cognito.users AS o ON o.id = m.old_id
        """, [attribute ?? self.attribute, new, old]
      ).map { $0[0] ?? "" })
  }

  func testWhoIsNamedAndWhoIsInDoubt() throws {
    let database = try TestDatabase()
    var users: [String: TestUser] = [:]
    for (name, pool, deleted) in [
      ("old1", "a", nil), ("old2", "a", nil), ("old3", "a", 1), ("old4", "a", nil),
      ("twin-a", "a", nil), ("twin-b", "b", nil), ("middle", "b", nil), ("new1", "c", nil),
      ("upper", "c", nil), ("one", "c", nil), ("other", "c", nil), ("last", "c", nil),
      ("between", "c", nil), ("itself", "c", nil), ("nowhere", "c", nil), ("huge", "c", nil),
      ("number", "c", nil), ("object", "c", nil), ("quotes", "c", nil), ("braces", "c", nil),
      ("empty", "c", nil), ("null", "c", nil), ("without", "c", nil), ("gone", "c", 1),
    ] as [(String, String, Int?)] {
      users[name] = try database.addUser(name, pool: pool, deletedDaysAgo: deleted)
    }
    func user(_ name: String) throws -> TestUser { try XCTUnwrap(users[name]) }
    try database.query(
      "UPDATE cognito.users SET sub = $1::uuid WHERE username = 'twin-b'", [user("twin-a").sub])
    func sub(_ name: String) throws -> String { "\"\(try user(name).sub)\"" }
    for (name, value) in [
      ("new1", try sub("old1")), ("upper", try sub("old2").uppercased()),
      ("one", try sub("old3")), ("other", try sub("old3")), ("between", try sub("twin-a")),
      ("middle", try sub("old4")), ("last", try sub("middle")), ("itself", try sub("itself")),
      ("nowhere", "\"\(UUID().uuidString)\""),
      ("huge", "\"" + String(repeating: "0123456789abcdef", count: 65_536) + "\""),
      ("number", "12"), ("object", #"{"sub": [1]}"#), ("quotes", #""'; DROP TABLE x; --""#),
      ("braces", "\"{\(try user("old1").sub)}\""), ("empty", #""""#), ("null", "null"),
      ("gone", try sub("old1")),
    ] {
      try self.name(value, by: user(name), in: database)
    }
    let doubts: Set = [
      "one old3 several_new", "other old3 several_new", "itself names_itself", "nowhere no_row",
      "huge no_sub", "number no_sub", "object no_sub", "quotes no_sub", "braces no_sub",
      "last middle old_names",
    ]
    XCTAssertEqual(
      try pairs(database).subtracting(doubts).map {
        $0.replacingOccurrences(of: "twin-b", with: "twin-a")
      }.sorted(),
      ["between twin-a several_old", "middle old4 new_named", "new1 old1", "upper old2"])
    XCTAssertTrue(try pairs(database).isSuperset(of: doubts))
    // What settles a doubt: one move after the other, and the old pool's name.
    XCTAssertEqual(try pairs(database, new: "b"), ["middle old4"])
    XCTAssertTrue(try pairs(database, new: "c").contains("last middle old_names"))
    XCTAssertTrue(try pairs(database, old: "b").contains("between twin-b"))
    XCTAssertTrue(try pairs(database, old: "b").contains("new1 no_row"))
    try database.query(
      "SELECT * FROM cognito.merge_users($1::uuid, $2::uuid, across_pools => true)",
      [user("old4").id, user("middle").id])
    XCTAssertTrue(
      try pairs(database).isSuperset(of: ["last middle", "middle old4 + new_named"]))
    XCTAssertEqual(try pairs(database, by: #"o'dd "name" \"#), [])
  }

  /// Two who name each other are both named, and both name.
  func testACircleIsLeftAlone() throws {
    let database = try TestDatabase()
    let (ada, bob) = (try database.addUser("ada"), try database.addUser("bob", pool: "b"))
    try name("\"\(bob.sub)\"", by: ada, in: database)
    try name("\"\(ada.sub)\"", by: bob, in: database)
    XCTAssertEqual(try pairs(database), ["ada bob old_names", "bob ada old_names"])
  }

  func testAnotherPoolsUserGivesPlaceWhenAskedTo() throws {
    let database = try TestDatabase()
    let old = try database.addUser("old")
    let (new, same) = (try database.addUser("new", pool: "b"), try database.addUser("same"))
    func merge(into user: TestUser, acrossPools: Bool) throws -> String? {
      try database.value(
        "SELECT problem FROM cognito.merge_users($1::uuid, $2::uuid, across_pools => $3::boolean)",
        [old.id, user.id, "\(acrossPools)"])
    }
    // Within a pool Cognito has both, as far as is known: an attribute is no word against that.
    XCTAssertEqual(try merge(into: same, acrossPools: true), "old_not_deleted")
    XCTAssertEqual(try merge(into: new, acrossPools: false), "other_pool")
    XCTAssertNil(try merge(into: new, acrossPools: true))
    XCTAssertEqual(
      try database.query(
        "SELECT merged_into, deleted_at IS NOT NULL, username FROM cognito.users WHERE id = $1::uuid",
        [old.id]), [[new.id, "t", "old"]])
    XCTAssertEqual(
      try database.query("SELECT username FROM cognito.users_live ORDER BY 1"), [["new"], ["same"]])
    XCTAssertEqual(
      try database.query("SELECT DISTINCT user_id FROM cognito.memberships ORDER BY 1").count, 2)
    let after = try database.everything()
    XCTAssertNil(try merge(into: new, acrossPools: true))
    XCTAssertEqual(try database.everything(), after)
    XCTAssertEqual(try merge(into: same, acrossPools: false), "old_merged")
  }
}
