import CognitoAPI
import UserTable

/// What became of linking who signs up through a provider.
enum LinkResult: Sendable, Equatable {
  case linked
  /// No native user has the address.
  case nobody
  case doubt(LinkDoubt)
  case failed(CognitoError)
  /// Not begun: too little time was left.
  case postponed
  /// Not begun: the event comes from a replica of the pool, which may not be written.
  case secondary
  /// Not begun: the pool's id names no region to ask.
  case noRegion

  /// As a log line has it.
  var name: String {
    switch self {
    case .linked: "linked"
    case .nobody: "nobody"
    case .doubt(let doubt): doubt.rawValue
    case .failed: "failed"
    case .postponed: "no time"
    case .secondary: "secondary"
    case .noRegion: "no region"
    }
  }

  /// Whether somebody who may be known was not linked; another provider's users are none of these.
  var isDoubt: Bool {
    if case .doubt(let doubt) = self { doubt != .notListed } else { false }
  }

  /// Whether it could not even be seen who it is.
  var isFailure: Bool {
    switch self {
    case .failed, .postponed, .noRegion: true
    case .linked, .nobody, .doubt, .secondary: false
    }
  }

  /// Where there is something to be mended: what, without personal data.
  var problem: String? {
    switch self {
    case .failed(let error): "who signs up could not be linked: \(error)"
    case .postponed: "too little time was left to look for a user who could be linked"
    case .noRegion:
      "nobody is linked: the user pool's id does not begin with an AWS region "
        + "(AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER names an emulator's endpoint)"
    case .doubt(.capitals): "not linked: \(LinkDoubt.capitals.meaning)"
    case .doubt(.subject): "not linked: \(LinkDoubt.subject.meaning)"
    case .linked, .nobody, .doubt, .secondary: nil
    }
  }
}
