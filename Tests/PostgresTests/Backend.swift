import Glibc
import TestSupport

/// A server's messages, for the part that a real server cannot be brought to play.
///
/// Source: PostgreSQL documentation, "Message Formats".
enum Backend {
  /// - Returns: whether a start-up message came; a wish for TLS is declined.
  static func readStartUp(_ descriptor: Int32) -> Bool {
    while let length = StandInServer.read(4, from: descriptor) {
      let count = length.reduce(0) { $0 << 8 | Int($1) }
      guard let content = StandInServer.read(max(0, count - 4), from: descriptor) else {
        return false
      }
      guard content == [4, 210, 22, 47] else { return true }
      StandInServer.send(Array("N".utf8), to: descriptor)
    }
    return false
  }

  static func refuse(_ state: String, _ descriptor: Int32) {
    guard readStartUp(descriptor) else { return }
    let text = "SFATAL\0VFATAL\0C\(state)\0Mrefused\0\0"
    StandInServer.send(message("E", Array(text.utf8)), to: descriptor)
  }

  /// Takes the login, and is ready for a statement.
  static func logIn(_ descriptor: Int32) -> Bool {
    guard readStartUp(descriptor) else { return false }
    return send(message("R", [0, 0, 0, 0]) + message("Z", Array("I".utf8)), to: descriptor)
  }

  static let notice = message(
    "N", Array("SNOTICE\0VNOTICE\0C00000\0M\(String(repeating: "x", count: 2000))\0\0".utf8))

  /// - Returns: false when the client has gone.
  static func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) > 0
  }

  static func message(_ type: String, _ content: [UInt8]) -> [UInt8] {
    Array(type.utf8) + withUnsafeBytes(of: UInt32(content.count + 4).bigEndian) { Array($0) }
      + content
  }
}
