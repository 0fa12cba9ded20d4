import AWS
import TestSupport
import XCTest

final class PartitionTests: XCTestCase {
  func testEveryRegionIsInItsPartition() throws {
    let endpoints = try BotocoreEndpoints.all()
    for row in endpoints {
      XCTAssertEqual(Partition(region: row.region).id, row.partition, row.region)
      XCTAssertTrue(Partition.isRegion(row.region), row.region)
    }
    XCTAssertEqual(Set(endpoints.map(\.partition)).count, 8)
  }
}
