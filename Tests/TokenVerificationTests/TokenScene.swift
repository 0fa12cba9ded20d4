import Clock
import CognitoAPI
import CognitoTriggers
import TestSupport
import XCTest

@testable import TokenVerification

/// A pool, its clients, and the time at which tokens are looked at.
enum TokenScene {
  static func poolID() throws -> CognitoTriggers.UserPoolID {
    try XCTUnwrap(CognitoTriggers.UserPoolID(TestToken.pool))
  }

  static func issuers(alsoIn regions: [String] = ["us-west-2"]) throws -> PoolIssuers {
    PoolIssuers(of: try poolID(), alsoIn: regions, service: .cognito, endpoint: .regional)
  }

  static var time: Timestamp { Timestamp(microsecondsSinceEpoch: Int64(TestToken.now) * 1_000_000) }

  static var accessOnly: TokenExpectations {
    TokenExpectations(clientIDs: ["another", TestToken.client], use: .access)
  }
}

/// Keys that count how often they are asked for.
final class CountedKeys: KeySource {
  private let keys: JSONWebKeySet
  private(set) var count = 0

  init(_ keys: JSONWebKeySet) {
    self.keys = keys
  }

  func key(
    _ id: String, of issuer: PoolIssuer, until deadline: Deadline
  ) throws(KeyFailure) -> JSONWebKey? {
    count += 1
    return keys[id]
  }
}
