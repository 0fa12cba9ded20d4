import CognitoAPI
import Deadline

/// Tells Cognito which row a user is, as a custom attribute that every later token carries.
///
/// Only ever after the row is committed, and never the trigger's failure: what is not set now is set at the
/// user's next sign-in, or by `pooltable push --write-back`.
final class WriteBack {
  /// What a call to Cognito may need from here; with less it is not begun.
  static let minimumBudget = Duration.milliseconds(500)

  private let attribute: String
  private let cognito: CognitoClient

  /// - Parameter attribute: its full name, as `custom:userId`.
  init(attribute: String, cognito: CognitoClient) {
    self.attribute = attribute
    self.cognito = cognito
  }

  /// - Parameters:
  ///   - id: of the user's row; nil where the database's function gave none.
  ///   - deadline: the invocation's.
  func perform(for user: SyncedUser, id: String?, until deadline: Deadline) -> WriteBackResult {
    let step = WriteBackStep(
      shown: user.attributes.text(of: attribute), id: id, remaining: deadline.remaining)
    switch step {
    case .nothing: return .notNeeded
    case .postpone: return .postponed
    case .set(let id):
      // A pool's id that is none has no region to ask; such an event is not Cognito's.
      guard let pool = UserPoolID(user.key.userPoolID) else { return .notNeeded }
      do {
        try cognito.updateAttributes(
          [(attribute, id)], of: user.userName ?? user.key.sub.description, in: pool,
          until: deadline)
        return .set
      } catch {
        return .failed(error)
      }
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

/// What became of it.
enum WriteBackResult: Sendable, Equatable {
  case notNeeded
  case set
  /// For want of time.
  case postponed
  case failed(CognitoError)

  /// As a log line has it.
  var name: String {
    switch self {
    case .notNeeded: "not needed"
    case .set: "set"
    case .postponed: "postponed"
    case .failed: "failed"
    }
  }

  /// Why the attribute is not what it should be, though it was tried; nil elsewhere.
  var problem: String? {
    guard case .failed(let error) = self else { return nil }
    return "the row's id could not be written back: \(error)"
  }
}
