import Clock
import CognitoAPI

/// Some users of a listing, in its order.
public struct ListedPage: Sendable {
  /// What could be read.
  public var users: [CognitoUser] = []
  /// Where each of `users` stands, in `unit`s.
  var positions: [Int64] = []
  /// `byte`, or `page 3, user`.
  var unit: String
  /// What should have been a user and could not be read.
  public var unreadable: [UnreadableUser] = []
  /// When Cognito showed them.
  public var observedAt: Timestamp
  /// Where the listing goes on after this page; nil after the last.
  public var next: String?

  init(unit: String, observedAt: Timestamp) {
    self.unit = unit
    self.observedAt = observedAt
  }

  mutating func add(_ user: Result<CognitoUser, MalformedUser>, at position: Int64) {
    switch user {
    case .success(let user):
      users.append(user)
      positions.append(position)
    case .failure(let error):
      add(problem: error.description, at: position)
    }
  }

  mutating func add(problem: String, at position: Int64) {
    unreadable.append(UnreadableUser(place: "\(unit) \(position)", reason: problem))
  }

  func place(ofUser index: Int) -> String {
    positions.indices.contains(index) ? "\(unit) \(positions[index])" : unit
  }
}

/// An element of a listing that is no user. It says where it stands, and never what it holds.
public struct UnreadableUser: Sendable, Equatable, CustomStringConvertible {
  /// `byte 4711`, `page 3`.
  public var place: String
  /// Why it is no user.
  public var reason: String

  public var description: String { "\(place): \(reason)" }
}

/// Pages of users, from the beginning or from where another run left off.
public protocol UserListing: AnyObject {
  /// What is listed, for the run's record: a run is resumed with the same source only.
  var name: String { get }
  /// When the listing began.
  var observedAt: Timestamp { get }
  /// How much of it is read, 0 to 1; nil where its length is not known.
  var fractionRead: Double? { get }

  /// Goes to where an earlier run left off.
  ///
  /// - Parameter position: `next` of the last page that the run dealt with.
  /// - Throws: `wrongPosition` where the listing has no such position.
  func move(to position: String) throws(ListingError)

  /// - Returns: nil after the last page.
  /// - Throws: `cutShort` after the last page, where that is not the listing's end.
  func nextPage() throws(ListingError) -> ListedPage?
}

/// Why a listing gives no more pages.
public enum ListingError: Error, Sendable, Equatable {
  /// The file cannot be opened or read; `detail` is the system's text.
  case unreadable(detail: String)
  /// The content is no listing from this byte on. What came before is good.
  case malformed(byte: Int64, hint: ListingHint?)
  /// The listing ends before its end. What came before is good.
  case cutShort(detail: String)
  /// `--resume` found another listing than the run had.
  case wrongPosition
  /// A call failed for good, or for too long.
  case cognito(CognitoError)
  /// The user asked for the end; `while`: what had failed, where another attempt was being waited for.
  case interrupted(while: String? = nil)
}

extension ListingError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let detail): "the listing cannot be read: \(detail)"
    case .malformed(let byte, let hint):
      "no listing of users at byte \(byte): "
        + (hint?.description ?? "it must be what 'aws cognito-idp list-users --output json' prints")
    case .cutShort(let detail): "the listing is incomplete: \(detail)"
    case .wrongPosition:
      "the interrupted run cannot be resumed, the listing is another or its position has "
        + "expired: run it again without --resume"
    case .cognito(let error): error.description
    case .interrupted: "interrupted"
    }
  }
}
