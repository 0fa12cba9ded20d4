import Clock
import CognitoAPI
import Postgres
import TestSupport
import XCTest

@testable import Reconciliation

/// A listing that is never read.
private final class NoListing: UserListing {
  let name = "test"
  let observedAt = Timestamp.now().advanced(by: .seconds(-3600))
  let fractionRead: Double? = nil

  func move(to position: String) throws(ListingError) {}
  func nextPage() throws(ListingError) -> ListedPage? { nil }
}

final class RunRecordTests: XCTestCase {
  /// In Kolkata this style writes the zone as IST, which PostgreSQL reads as Israel's.
  func testTheTimeOfARunIsTheSameWhateverTheSessionsStyleAndZone() throws {
    for (style, zone) in [
      ("ISO, MDY", "UTC"), ("SQL, DMY", "Asia/Kolkata"), ("German, DMY", "America/New_York"),
      ("Postgres, MDY", "Asia/Kolkata"),
    ] {
      let database = try TestDatabase()
      try database.execute(
        """
        ALTER DATABASE \(database.name) SET datestyle = '\(style)';
        ALTER DATABASE \(database.name) SET timezone = '\(zone)';
        """)
      let pool = try XCTUnwrap(UserPoolID("eu-central-1_ExaMPLe01"))
      let url = database.ownerURL
      let connection = TableConnection(pool: pool) { () throws(PostgresError) in
        guard let parameters = try? ConnectionParameters(parsing: url) else {
          throw .connectionLost
        }
        return try Connection.open(parameters, until: .after(.seconds(10)))
      }
      let listing = NoListing()
      let begun = try RunRecord.begin(listing, options: "", of: pool, on: connection)
      XCTAssertEqual(begun.observedAt, listing.observedAt, "\(style) \(zone)")
      let found = try XCTUnwrap(
        RunRecord.interrupted(listing, options: "", of: pool, on: connection))
      XCTAssertEqual(found.id, begun.id)
      XCTAssertEqual(found.observedAt, listing.observedAt, "\(style) \(zone)")
    }
  }
}
