import Foundation
import Synchronization

/// A PostgreSQL server as RDS is with IAM authentication: it asks for the password in clear text.
///
/// Every call of `cognito.sync_user` is answered `inserted`. Source: PostgreSQL documentation,
/// "Message Formats".
public final class TokenDatabase: Sendable {
  private struct State {
    var acceptsTokens = true
    var tokens: [String] = []
  }

  public var port: Int { server.port }
  private let server: StandInServer
  private let state: SharedState

  public init() throws {
    let state = SharedState()
    self.state = state
    server = try StandInServer { descriptor in
      guard Self.readStartUp(from: descriptor) else { return }
      StandInServer.send(Self.message("R", [0, 0, 0, 3]), to: descriptor)
      guard let (type, content) = Self.readMessage(from: descriptor), type == "p" else { return }
      let token = String(decoding: content.dropLast(), as: UTF8.self)
      let isAccepted = state.value.withLock { state in
        state.tokens.append(token)
        return state.acceptsTokens
      }
      guard isAccepted else {
        let refusal = "SFATAL\0C28000\0MPAM authentication failed\0\0"
        return StandInServer.send(Self.message("E", Array(refusal.utf8)), to: descriptor)
      }
      StandInServer.send(
        Self.message("R", [0, 0, 0, 0]) + Self.message("Z", Array("I".utf8)), to: descriptor)
      while let (type, _) = Self.readMessage(from: descriptor) {
        if type == "S" { StandInServer.send(Self.answer, to: descriptor) }
      }
    }
  }

  public func set(acceptsTokens: Bool) {
    state.value.withLock { $0.acceptsTokens = acceptsTokens }
  }

  /// The passwords that came, in order.
  public var tokens: [String] { state.value.withLock { $0.tokens } }

  private final class SharedState: Sendable {
    let value = Mutex(State())
  }

  /// One row with one record, in text, to an unnamed statement.
  private static var answer: [UInt8] {
    let column =
      Array("sync_user\0".utf8) + [
        0, 0, 0, 0, 0, 0, 0, 0, 8, 201, 255, 255, 255, 255, 255, 255, 0, 0,
      ]
    return message("1", []) + message("2", []) + message("T", [0, 1] + column)
      + message("D", [0, 1, 0, 0, 0, 11] + Array("(,inserted)".utf8))
      + message("C", Array("SELECT 1\0".utf8)) + message("Z", Array("I".utf8))
  }

  /// - Returns: whether a start-up message came; a wish for TLS is declined.
  private static func readStartUp(from descriptor: Int32) -> Bool {
    let wishForTLS = bytes(of: 80_877_103)
    while let content = readContent(from: descriptor) {
      guard content == wishForTLS else { return true }
      StandInServer.send(Array("N".utf8), to: descriptor)
    }
    return false
  }

  private static func readMessage(from descriptor: Int32) -> (type: Character, [UInt8])? {
    guard let type = StandInServer.read(1, from: descriptor)?.first,
      let content = readContent(from: descriptor)
    else { return nil }
    return (Character(Unicode.Scalar(type)), content)
  }

  private static func readContent(from descriptor: Int32) -> [UInt8]? {
    guard let length = StandInServer.read(4, from: descriptor) else { return nil }
    let count = length.reduce(0) { $0 << 8 | Int($1) }
    return StandInServer.read(max(0, count - 4), from: descriptor)
  }

  private static func message(_ type: String, _ content: [UInt8]) -> [UInt8] {
    Array(type.utf8) + bytes(of: content.count + 4) + content
  }

  private static func bytes(of number: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }
}
