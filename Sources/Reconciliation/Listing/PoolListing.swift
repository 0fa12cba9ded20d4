import Clock
import CognitoAPI

/// Users as `ListUsers` pages through them, at the service's pace.
public final class PoolListing: UserListing {
  /// The quota of `ListUsers` is 30 a second for all who call it; some is left to others.
  ///
  /// In requests a second. Source: Amazon Cognito Developer Guide, "Quotas in Amazon Cognito", category UserList.
  public static let defaultRate = 20.0

  public let name = "ListUsers"
  public let observedAt = Timestamp.now()
  /// Cognito does not say how many users there are.
  public var fractionRead: Double? { nil }

  private let client: PacedClient
  private var token: String?
  private var tokens = TokenLoop()
  private var isResumed = false
  private var isAtEnd = false
  private var pageNumber = 0

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
    self.client = PacedClient(of: pool, client: client, rate: rate, until: stop, waits: waits)
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
    let page: UserPage
    let observedAt: Timestamp
    do throws(ListingError) {
      (page, observedAt) = try client.call { (client, pool, deadline, now) throws(CognitoError) in
        (try client.listUsers(in: pool, after: token, until: deadline), now)
      }
    } catch .cognito(.invalidParameter) where isResumed {
      throw .wrongPosition
    }
    return try take(page, observedAt: observedAt)
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
