import Clock
import CognitoAPI
import UserTable

/// Tells Cognito which row a user is, as a custom attribute that every later token carries.
///
/// Only ever after the row is committed, and never the trigger's failure: what is not set now is set at the
/// user's next sign-in, or by `pooltable push --write-back`.
final class WriteBack {
  /// What a call to Cognito may need from here; with less it is not begun.
  static let minimumBudget = Duration.milliseconds(500)
  /// How many pools are kept in mind: events may name as many as they like.
  private static let poolLimit = 100

  private let attribute: String
  private let cognito: CognitoClient
  private let share: Duration
  private let now: () -> Timestamp
  /// Of the pools whose last call failed.
  private var troubles: [UserPoolID: Trouble] = [:]
  private var hasToldOfNoRegion = false

  /// - Parameters:
  ///   - attribute: its full name, as `custom:userId`.
  ///   - budget: of an event. A quarter of it may be spent here: a Cognito that takes requests and does
  ///     not answer them must not cost a user all of it.
  ///   - now: the clock.
  init(
    attribute: String, cognito: CognitoClient, budget: Duration,
    now: @escaping () -> Timestamp = Timestamp.now
  ) {
    self.attribute = attribute
    self.cognito = cognito
    share = max(Self.minimumBudget, budget / 4)
    self.now = now
  }

  /// - Parameters:
  ///   - id: of the user's row; nil where the database's function gave none.
  ///   - region: where the event comes from.
  ///   - deadline: the invocation's.
  func perform(
    for user: SyncedUser, id: String?, from region: String?, until deadline: Deadline
  ) -> WriteBackResult {
    let step = WriteBackStep(
      shown: user.attributes.text(of: attribute), id: id, remaining: deadline.remaining)
    switch step {
    case .nothing: return .notNeeded
    case .postpone: return .postponed
    case .set(let id):
      guard let pool = UserPoolID(user.key.userPoolID), cognito.hasHost(for: pool) else {
        defer { hasToldOfNoRegion = true }
        return .noRegion(isNews: !hasToldOfNoRegion)
      }
      if let region, pool.isReplica(in: region) { return .secondary }
      return set(id, for: user, in: pool, until: deadline.capped(at: share))
    }
  }

  private func set(
    _ id: String, for user: SyncedUser, in pool: UserPoolID, until deadline: Deadline
  ) -> WriteBackResult {
    var trouble = troubles[pool] ?? Trouble()
    guard trouble.breaker.allowsCall(at: now()) else { return .paused }
    do {
      try cognito.updateAttributes(
        [(attribute, id)], of: user.userName ?? user.key.sub.description, in: pool,
        until: deadline)
      troubles[pool] = nil
      return .set
    } catch {
      guard !error.concernsOneUser else {
        troubles[pool] = nil
        return .failed(error, isNews: true, pause: .zero)
      }
      let isNews = trouble.told != error
      trouble.breaker.recordFailure(at: now())
      trouble.told = error
      if troubles.count >= Self.poolLimit { troubles.removeAll(keepingCapacity: true) }
      troubles[pool] = trouble
      return .failed(error, isNews: isNews, pause: trouble.breaker.pause)
    }
  }

  /// What stands in the way of a pool's users.
  private struct Trouble {
    var breaker = CircuitBreaker()
    /// What the log has already.
    var told: CognitoError?
  }
}

extension CognitoError {
  /// Whether Cognito did answer, and the next user may fare better.
  fileprivate var concernsOneUser: Bool {
    switch self {
    case .userNotFound, .aliasExists: true
    default: false
    }
  }
}

/// Whether a user's id is to be written back.
enum WriteBackStep: Sendable, Equatable {
  /// Cognito has it, or there is none.
  case nothing
  /// Too little time is left.
  case postpone
  case set(id: String)

  /// - Parameter shown: the attribute as the event has it.
  init(shown: String?, id: String?, remaining: Duration) {
    guard let id, shown != id else {
      self = .nothing
      return
    }
    self = remaining < WriteBack.minimumBudget ? .postpone : .set(id: id)
  }
}

/// Keeps calls away from a service that failed a moment ago, for longer with each failure in a row.
///
/// On the wall clock: the monotonic one may stand still while Lambda freezes the process, and a pause of
/// seconds would last for hours. Should the wall clock be set back, the pause is over.
struct CircuitBreaker: Sendable, Equatable {
  private static let pauses = BackOff(base: .seconds(10), cap: .seconds(300))

  private var failures = 0
  private var failedAt: Timestamp?

  /// How long after the last failure no call is made.
  var pause: Duration { failures == 0 ? .zero : Self.pauses.limit(afterFailures: failures) }

  func allowsCall(at now: Timestamp) -> Bool {
    guard let failedAt else { return true }
    return now < failedAt || failedAt.advanced(by: pause) <= now
  }

  mutating func recordFailure(at now: Timestamp) {
    failures += failures < Int.max ? 1 : 0
    failedAt = now
  }
}
