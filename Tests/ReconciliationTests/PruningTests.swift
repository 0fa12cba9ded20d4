import Clock
import CognitoAPI
import CognitoTriggers
import Foundation
import JSON
import Postgres
import TestSupport
import UserTable
import XCTest

@testable import Reconciliation

/// Who is marked where many are gone, and by which of several words.
final class PruningTests: XCTestCase {
  private let pool = "eu-central-1_ExaMPLe01"
  private let ada = "3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f"
  private let listed = "00000000-5a6b-4c7d-8e9f-0a1b2c3d4e5f"

  /// Each page lists these users.
  private final class Pages: UserListing {
    let name = "test"
    let observedAt: Timestamp
    let fractionRead: Double? = nil
    private var pages: [[String]]

    init(_ pages: [[String]], ago: Duration = .zero) {
      self.pages = pages
      observedAt = Timestamp.now().advanced(by: .zero - ago)
    }

    func move(to position: String) throws(ListingError) {}

    func nextPage() throws(ListingError) -> ListedPage? {
      guard !pages.isEmpty else { return nil }
      var page = ListedPage(unit: "user", observedAt: observedAt)
      for (index, sub) in pages.removeFirst().enumerated() {
        let json = JSONValue.object([
          "Username": .string("listed"), "Enabled": .boolean(true),
          "Attributes": .array([.object(["Name": .string("sub"), "Value": .string(sub)])]),
        ])
        guard let user = try? CognitoUser(json) else { continue }
        page.add(.success(user), at: Int64(index))
      }
      return page
    }
  }

  /// Whoever is asked for is gone, but for these.
  private final class Gone: Presence {
    var present: Set<String> = []
    var asked: [Sub] = []
    var meanwhile: () throws -> Void = {}

    func ask(
      about user: MissingUser
    ) throws(ListingError) -> (PresenceAnswer, askedAt: Timestamp) {
      asked.append(user.sub)
      XCTAssertNoThrow(try meanwhile())
      return (present.contains(user.userName ?? "") ? .present : .gone, .now())
    }
  }

  private func run(
    _ listing: Pages, on database: TestDatabase, limit: Double = 100,
    evidence: Pruning.Evidence = .listing
  ) throws -> Report {
    let pool = try XCTUnwrap(UserPoolID(pool))
    var options = Reconciler.Options()
    options.prunes = true
    options.pruneLimit = limit
    let parameters = try ConnectionParameters(parsing: database.ownerURL)
    let connection = TableConnection(pool: pool) { () throws(PostgresError) in
      try Connection.open(parameters, until: .after(.seconds(10)))
    }
    return Reconciler(
      pool, from: listing, to: connection, options: options, evidence: evidence, tell: { _ in }
    ).run()
  }

  /// So many users that nothing has written for a day.
  private func write(
    _ count: Int, in database: TestDatabase, pool: String? = nil, areMarked: Bool = false
  ) throws {
    try database.query(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, observed_at, deleted_at)
      SELECT $1::text, gen_random_uuid(), 'user' || n, now() - interval '1 day',
        CASE WHEN $2::boolean THEN timestamptz '2026-01-01' END
      FROM generate_series(1, $3::integer) AS n
      """, [pool ?? self.pool, areMarked ? "t" : "f", "\(count)"])
  }

  private func writeAda(in database: TestDatabase) throws {
    try database.query(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, observed_at)
      VALUES ($1::text, $2::uuid, 'ada', now() - interval '1 day')
      """, [pool, ada])
  }

  private func marked(_ database: TestDatabase) throws -> String? {
    try database.value("SELECT count(*) FROM cognito.users WHERE deleted_at IS NOT NULL")
  }

  func testOfThousandsEachIsAskedForOnceAndMarked() throws {
    let database = try TestDatabase()
    try write(2100, in: database)
    let presence = Gone()
    let report = try run(Pages([[listed]]), on: database, evidence: .presence(presence))
    XCTAssertEqual(report.counts.deleted, 2100)
    XCTAssertEqual(presence.asked.count, 2100)
    XCTAssertEqual(Set(presence.asked.map(\.description)).count, 2100)
    XCTAssertEqual(try marked(database), "2100")
  }

  /// Those who are kept stay missing: they must not hide who comes after them, nor be asked for again.
  func testThousandsWhoAreStillThereAreKeptAndHideNobody() throws {
    let database = try TestDatabase()
    try write(2100, in: database)
    let presence = Gone()
    presence.present = Set((1...2098).map { "user\($0)" })
    let report = try run(Pages([[listed]]), on: database, evidence: .presence(presence))
    XCTAssertEqual(report.counts.deleted, 2)
    XCTAssertEqual(presence.asked.count, 2100)
    XCTAssertEqual(Set(presence.asked).count, 2100)
    XCTAssertEqual(
      try database.value(
        "SELECT string_agg(username, ' ' ORDER BY username) FROM cognito.users WHERE deleted_at IS NOT NULL"
      ), "user2099 user2100")
  }

  func testOnlyThePoolsUsersThatAreNotMarkedYetCountAgainstTheLimit() throws {
    let database = try TestDatabase()
    try write(19, in: database)
    try write(30, in: database, areMarked: true)
    try write(40, in: database, pool: "eu-central-1_Other")
    // One is listed, and nineteen are gone.
    let refused = try run(Pages([[listed]]), on: database, limit: 94.9)
    XCTAssertEqual(refused.pruneRefusal, .tooMany(19, of: 20, limit: 94.9))
    XCTAssertEqual(try marked(database), "30")
    XCTAssertEqual(try run(Pages([[listed]]), on: database, limit: 95).counts.deleted, 19)
    XCTAssertEqual(
      try database.value(
        """
        SELECT count(*) FROM cognito.users
        WHERE deleted_at = '2026-01-01' OR (user_pool_id = 'eu-central-1_Other' AND deleted_at IS NULL)
        """), "70")
  }

  func testAUserWhomTwoPagesListIsSeenOnce() throws {
    let database = try TestDatabase()
    try writeAda(in: database)
    let other = UUID().uuidString.lowercased()
    let report = try run(Pages([[listed], [listed, other], [listed]]), on: database)
    XCTAssertEqual(report.ending, .complete)
    XCTAssertNil(report.pruneRefusal)
    XCTAssertEqual(report.counts.sightings, 2)
    XCTAssertEqual(report.counts.deleted, 1)
  }

  func testAnEmptyListingMarksNobody() throws {
    for pages in [[], [[]], [[], []]] as [[[String]]] {
      let database = try TestDatabase()
      try writeAda(in: database)
      let report = try run(Pages(pages), on: database)
      XCTAssertEqual(report.pruneRefusal, .incomplete)
      XCTAssertEqual(try marked(database), "0")
    }
  }

  /// Nobody was asked: the listing's own time is all that the mark can vouch for.
  func testAMarkByTheListingIsAsOldAsTheListing() throws {
    let database = try TestDatabase()
    try writeAda(in: database)
    let listing = Pages([[listed]], ago: .seconds(1800))
    XCTAssertEqual(try run(listing, on: database).counts.deleted, 1)
    func come(_ time: Timestamp) throws -> SyncOutcome {
      let event = TestEvent(sub: try XCTUnwrap(UUID(uuidString: ada)), userPoolID: pool)
      let user = try SyncedUser(
        TriggerEvent(event.bytes), observedAt: time, requestID: "1", at: .confirmation)
      return try database.owner.run(SyncUserCall(user), until: .after(.seconds(10))).outcome
    }
    // From before the listing began, and late; and from afterwards.
    XCTAssertEqual(try come(listing.observedAt.advanced(by: .seconds(-1))), .stale)
    XCTAssertEqual(try marked(database), "1")
    XCTAssertEqual(try come(listing.observedAt.advanced(by: .seconds(1))), .updated)
    XCTAssertEqual(try marked(database), "0")
  }

  func testAMarkThatSomethingElseMadeMeanwhileStands() throws {
    let database = try TestDatabase()
    try writeAda(in: database)
    let presence = Gone()
    presence.meanwhile = {
      try database.execute(
        "UPDATE cognito.users SET deleted_at = '2026-01-01' WHERE username = 'ada'")
    }
    let report = try run(Pages([[listed]]), on: database, evidence: .presence(presence))
    XCTAssertEqual(report.counts.deleted, 1)
    XCTAssertEqual(
      try database.value(
        "SELECT deleted_at = '2026-01-01' AND observed_at < now() - interval '1 hour' FROM cognito.users WHERE username = 'ada'"
      ), "t")
  }
}
