import Clock
import CognitoAPI
import Postgres

/// Users as `ListUsers` pages through them, at the service's pace.
public final class PoolListing: UserListing {
  /// The quota of `ListUsers` is 30 a second for all who call it; some is left to others.
  ///
  /// In requests a second. Source: Amazon Cognito Developer Guide, "Quotas in Amazon Cognito", category UserList.
  public static let defaultRate = 20.0
  private static let timeout = Duration.seconds(30)

  public let name = "ListUsers"
  public let observedAt = Timestamp.now()
  /// Cognito does not say how many users there are.
  public var fractionRead: Double? { nil }

  private let pool: UserPoolID
  private let client: CognitoClient
  private let stop: StopRequest
  private var pace: RequestPace
  private var patience: Patience
  private var token: String?
  private var tokens = TokenLoop()
  private var isResumed = false
  private var isAtEnd = false
  private var pageNumber = 0
  private var lastRequest: Instant?

  /// - Parameters:
  ///   - pool: whose users are listed.
  ///   - client: one that tries nothing again by itself.
  ///   - rate: requests a second, at most.
  ///   - stop: ends every wait.
  ///   - waits: called before each wait for another attempt.
  public init(
    of pool: UserPoolID, client: CognitoClient, rate: Double = PoolListing.defaultRate,
    until stop: StopRequest = StopRequest(), waits: @escaping WaitNotice = { _, _ in }
  ) {
    self.stop = stop
    self.pool = pool
    self.client = client
    pace = RequestPace(limit: rate)
    patience = Patience(until: stop, tell: waits)
  }

  /// - Throws: nothing: whether the position is still good shows at the next page.
  public func move(to position: String) throws(ListingError) {
    token = position
    isResumed = true
  }

  /// - Throws: `wrongPosition` where Cognito takes the position for none; `cutShort` where its pages have no end;
  ///   `cognito` where waiting does not help, or has not; `interrupted` when the run should end.
  public func nextPage() throws(ListingError) -> ListedPage? {
    guard !isAtEnd else { return nil }
    while true {
      try awaitTurn()
      let observedAt = Timestamp.now()
      do {
        let page = try client.listUsers(in: pool, after: token, until: .after(Self.timeout))
        pace.succeeded()
        patience.restore()
        return try take(page, observedAt: observedAt)
      } catch let error as CognitoError {
        if error == .throttled || error == .blocked { pace.throttled() }
        if case .invalidParameter = error, isResumed { throw .wrongPosition }
        guard error.isTransient, !isOfAnUnknownHost(error) else { throw .cognito(error) }
        guard patience.wait(after: error.description) else {
          throw stop.isMade ? .interrupted(while: error.description) : .cognito(error)
        }
      } catch let error as ListingError {
        throw error
      } catch {
        throw .wrongPosition
      }
    }
  }

  /// Whether the host's name is unknown, rather than the resolver out of reach: waiting does not help.
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

  private func take(_ page: UserPage, observedAt: Timestamp) throws(ListingError) -> ListedPage {
    if let next = page.nextToken, tokens.closes(with: next) {
      throw .cutShort(detail: "Cognito's page tokens go round in a circle")
    }
    token = page.nextToken
    isResumed = false
    isAtEnd = token == nil
    pageNumber += 1
    var listed = ListedPage(unit: "page \(pageNumber), user", observedAt: observedAt)
    listed.next = token
    for (index, user) in page.users.enumerated() {
      listed.add(user, at: Int64(index + 1))
    }
    return listed
  }
}

/// How fast requests follow each other: half as fast after each one that was throttled, then little by little
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
