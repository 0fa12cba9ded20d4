import Clock
import CognitoAPI
import Postgres

/// Calls of Cognito's API at the service's pace: more slowly after each that is throttled, and again while what fails
/// may pass by itself.
final class PacedClient {
  private static let timeout = Duration.seconds(30)

  private let pool: UserPoolID
  private let client: CognitoClient
  private let stop: StopRequest
  private var pace: RequestPace
  private var patience: Patience
  private var lastRequest: Instant?

  /// - Parameters:
  ///   - pool: about which Cognito is asked.
  ///   - client: one that tries nothing again by itself.
  ///   - rate: requests a second, at most.
  ///   - stop: ends every wait.
  ///   - waits: called before each wait for another attempt.
  init(
    of pool: UserPoolID, client: CognitoClient, rate: Double, until stop: StopRequest,
    waits: @escaping WaitNotice
  ) {
    self.pool = pool
    self.client = client
    self.stop = stop
    pace = RequestPace(limit: rate)
    patience = Patience(until: stop, tell: waits)
  }

  /// - Parameter call: one attempt, given the time when it begins.
  /// - Throws: `cognito` for what no waiting mends, or not within the patience; `interrupted`.
  func call<Answer>(
    _ call: (CognitoClient, UserPoolID, Deadline, Timestamp) throws(CognitoError) -> Answer
  ) throws(ListingError) -> Answer {
    while true {
      try awaitTurn()
      do throws(CognitoError) {
        let answer = try call(client, pool, .after(Self.timeout), .now())
        pace.succeeded()
        patience.restore()
        return answer
      } catch {
        if error == .throttled || error == .blocked { pace.throttled() }
        guard error.isTransient, !isOfAnUnknownHost(error) else { throw .cognito(error) }
        guard patience.wait(after: error.description) else {
          throw stop.isMade ? .interrupted(while: error.description) : .cognito(error)
        }
      }
    }
  }

  /// Whether the host's name is unknown, and not only its resolver away: no waiting mends that.
  private func isOfAnUnknownHost(_ error: CognitoError) -> Bool {
    guard error.isAboutTheName else { return false }
    do {
      _ = try HostResolver.addresses(of: client.host(for: pool), until: .after(.seconds(5)))
      return false
    } catch {
      return !error.mayPass
    }
  }

  private func awaitTurn() throws(ListingError) {
    if let lastRequest {
      let turn = Deadline(at: lastRequest.advanced(by: pace.interval))
      guard stop.sleep(until: turn) else { throw .interrupted() }
    }
    lastRequest = .now()
  }
}

/// How fast requests follow each other: half as fast after each that was throttled, and little by little
/// faster again, up to the limit.
struct RequestPace {
  private static let slowest = 0.1
  /// After so many good requests in a row the rate is back at the limit.
  private static let steps = 100.0

  private let limit: Double
  /// Requests a second.
  private(set) var rate: Double

  init(limit: Double) {
    self.limit = max(limit, Self.slowest)
    rate = self.limit
  }

  /// From the beginning of one request to that of the next.
  var interval: Duration { .seconds(1 / rate) }

  mutating func succeeded() {
    rate = min(limit, rate + limit / Self.steps)
  }

  mutating func throttled() {
    rate = max(min(Self.slowest, limit), rate / 2)
  }
}
