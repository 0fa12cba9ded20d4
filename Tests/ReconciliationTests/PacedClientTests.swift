import Clock
import CognitoAPI
import CognitoTriggers
import Synchronization
import TestSupport
import XCTest

@testable import Reconciliation

/// Which calls of a long run are made again, and for how long. Their pace is seen in `PoolPresenceTests`.
final class PacedClientTests: XCTestCase {
  /// The ends of the waits that were told.
  private final class Waits: Sendable {
    let ends = Mutex<[Deadline]>([])
    var count: Int { ends.withLock { $0.count } }
  }

  private let waits = Waits()

  private func client(
    asking endpoint: String = "http://127.0.0.1:1", until stop: StopRequest = StopRequest()
  ) throws -> PacedClient {
    PacedClient(
      of: try XCTUnwrap(UserPoolID("eu-central-1_ExaMPLe01")),
      client: try CognitoClient(asking: endpoint), rate: 1000, until: stop
    ) { [waits] _, end in waits.ends.withLock { $0.append(end) } }
  }

  /// So that a mark is as old as the question that was answered, and not as the first one.
  func testEachAttemptHasATimeOfItsOwn() throws {
    var times: [Timestamp] = []
    let pool = try client().call { (_, pool, deadline, time) throws(CognitoError) in
      times.append(time)
      XCTAssertGreaterThan(deadline.remaining, .zero)
      if times.count < 3 { throw CognitoError.throttled }
      return pool.text
    }
    XCTAssertEqual(pool, "eu-central-1_ExaMPLe01")
    XCTAssertEqual(times.count, 3)
    XCTAssertEqual(times, Set(times).sorted())
  }

  /// What failed an hour ago does not shorten the patience with what fails now.
  func testPatienceBeginsAnewAfterASuccess() throws {
    let client = try client()
    for failures in [2, 1] {
      var left = failures
      try client.call { (_, _, _, _) throws(CognitoError) in
        left -= 1
        if left >= 0 { throw CognitoError.blocked }
      }
    }
    let ends = waits.ends.withLock { $0 }
    XCTAssertEqual(ends.count, 3)
    XCTAssertEqual(ends.first, ends.dropFirst().first)
    XCTAssertLessThan(try XCTUnwrap(ends.first), try XCTUnwrap(ends.last))
  }

  func testAHostWithoutAServerIsWaitedForAndOneThatHasNoNameIsNot() throws {
    let names = [("127.0.0.1:1", 1), ("\(String(repeating: "a", count: 64)).example", 0)]
    for (host, expected) in names {
      let before = waits.count
      let client = try client(
        asking: "http://\(host)", until: StopRequest { [waits] in waits.count > before })
      XCTAssertThrowsError(
        try client.call { (client, pool, deadline, _) throws(CognitoError) in
          _ = try client.user("ada", in: pool, until: deadline)
        }, host
      ) { error in
        switch error as? ListingError {
        case .interrupted?: XCTAssertEqual(expected, 1, host)
        case .cognito(.transport)?: XCTAssertEqual(expected, 0, host)
        default: XCTFail("\(host): \(error)")
        }
      }
      XCTAssertEqual(waits.count - before, expected, host)
    }
  }
}
