/// What a file that is not a listing is, where that can be told.
public enum ListingHint: Sendable, Equatable {
  /// What `aws … --output text`, `table` or `yaml` prints.
  case otherOutput
  case utf16
  /// Neither UTF-8 nor known.
  case notUTF8
  case byteOrderMark
  /// What `aws cognito-idp describe-user-pool` prints.
  case userPool
  case tooLong

  /// - Parameter content: from its beginning.
  init?(content: [UInt8]) {
    let start = content.prefix(256)
    let text = String(decoding: start, as: UTF8.self)
    if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF])
      || start.prefix(2).contains(0)
    {
      self = .utf16
    } else if start.starts(with: [0xEF, 0xBB, 0xBF]) {
      self = .byteOrderMark
    } else if ["USERS\t", "ATTRIBUTES\t", "Users:", "- ", "---"].contains(where: text.hasPrefix) {
      self = .otherOutput
    } else {
      return nil
    }
  }
}

extension ListingHint: CustomStringConvertible {
  public var description: String {
    switch self {
    case .otherOutput: "it was printed with another --output than json"
    case .utf16: "it is UTF-16: save it as UTF-8"
    case .notUTF8: "this is not UTF-8: save it as UTF-8"
    case .byteOrderMark: "it begins with a byte-order mark: save it as UTF-8 without one"
    case .userPool: "it describes the user pool: 'aws cognito-idp list-users' lists its users"
    case .tooLong: "a user of more than 1 MB begins there"
    }
  }
}
