import Glibc
import Settings

/// Where a token comes from: standard input, or the environment. Never an argument, which everybody on the machine can
/// see.
enum TokenInput {
  static let variable = "COGNITO_TOKEN"

  /// More than any token has, and little enough to be read whole.
  private static let limit = 64 << 10

  /// - Parameter fromInput: whether standard input is asked for; else it is read where the variable is not set.
  /// - Returns: the token without what surrounds it where it is copied from; nil where there is none, or only a
  ///   terminal to wait for.
  static func token(fromInput: Bool, _ environment: Environment) -> [UInt8]? {
    let text: [UInt8]
    if !fromInput, let token = environment[variable] {
      text = Array(token.utf8)
    } else if fromInput || isatty(STDIN_FILENO) == 0 {
      text = standardInput()
    } else {
      return nil
    }
    let token = bare(text)
    return token.isEmpty ? nil : token
  }

  /// Without white space around it, and without the `Bearer` of an `Authorization` header, in whatever case.
  static func bare(_ text: [UInt8]) -> [UInt8] {
    let token = trimmed(text[...])
    let scheme = Array("bearer".utf8)
    guard token.count > scheme.count, isBlank(token[token.startIndex + scheme.count]),
      token.prefix(scheme.count).map({ $0 | 0x20 }) == scheme
    else { return Array(token) }
    return Array(trimmed(token.dropFirst(scheme.count)))
  }

  /// Up to the limit: what is longer is no token, and is told as one that is too long.
  private static func standardInput() -> [UInt8] {
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while text.count < limit {
      let count = read(STDIN_FILENO, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      text += buffer.prefix(count)
    }
    return text
  }

  private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var text = text
    while let first = text.first, isBlank(first) { text.removeFirst() }
    while let last = text.last, isBlank(last) { text.removeLast() }
    return text
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }
}
