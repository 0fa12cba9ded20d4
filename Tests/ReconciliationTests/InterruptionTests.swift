import Clock
import CognitoAPI
import Foundation
import JSON
import Postgres
import Synchronization
import TestSupport
import XCTest

@testable import Reconciliation

/// The wish to stop, while the database is away.
final class InterruptionTests: XCTestCase {
  /// One user a page, for ever.
  private final class EndlessListing: UserListing {
    let name = "test"
    let observedAt = Timestamp.now()
    let fractionRead: Double? = nil
    private var pageNumber = 0
    private let beforePage: (Int) throws -> Void

    init(beforePage: @escaping (Int) throws -> Void) {
      self.beforePage = beforePage
    }

    func move(to position: String) throws(ListingError) {}

    func nextPage() throws(ListingError) -> ListedPage? {
      pageNumber += 1
      var page = ListedPage(unit: "user", observedAt: observedAt)
      do {
        try beforePage(pageNumber)
        let user = try CognitoUser(
          .object([
            "Username": .string("u\(pageNumber)"),
            "Attributes": .array([
              .object([
                "Name": .string("sub"), "Value": .string(UUID().uuidString.lowercased()),
              ])
            ]),
          ]))
        page.add(.success(user), at: 0)
      } catch {
        XCTFail("\(error)")
      }
      page.next = "\(pageNumber)"
      return page
    }
  }

  private final class Flag: Sendable {
    let isSet = Atomic(false)
  }

  func testADatabaseThatIsAwayIsNotAskedAgainOnceTheEndIsWished() throws {
    let database = try TestDatabase()
    let pool = try XCTUnwrap(UserPoolID("eu-central-1_ExaMPLe01"))
    let wish = Flag()
    let stop = StopRequest { wish.isSet.load(ordering: .relaxed) }
    var opened = 0
    let parameters = try ConnectionParameters(parsing: database.ownerURL)
    let open = { () throws(PostgresError) -> Connection in
      opened += 1
      guard opened == 1 else { throw .timedOut(.connect) }
      return try Connection.open(parameters, until: .after(.seconds(30)))
    }
    let connection = TableConnection(
      pool: pool, until: stop, waits: { _, _ in wish.isSet.store(true, ordering: .relaxed) },
      open: open)
    let listing = EndlessListing { page in
      guard page == 3 else { return }
      try database.execute(
        """
        SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        """)
    }
    let report = Reconciler(
      pool, from: listing, to: connection, options: Reconciler.Options(), evidence: .listing,
      tell: { _ in }
    ).run()
    guard case .interrupted(while: let cause?) = report.ending else {
      return XCTFail("\(report.ending)")
    }
    XCTAssertTrue(cause.hasPrefix("the database: "), cause)
    // Another look would last as long as the database is silent.
    XCTAssertEqual(opened, 1)
  }
}
