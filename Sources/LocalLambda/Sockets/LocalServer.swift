/// A port on 127.0.0.1 with the connections of whoever calls there.
final class LocalServer {
  private let listener: ListeningSocket
  private let bodyLimit: Int
  private var connections: [ClientConnection] = []

  /// - Parameters:
  ///   - port: 0 takes any free one.
  ///   - bodyLimit: in bytes; of a longer request only the length is kept.
  init(port: UInt16 = 0, bodyLimit: Int = .max) throws(LocalRuntimeError) {
    listener = try ListeningSocket(port: port)
    self.bodyLimit = bodyLimit
  }

  var port: UInt16 { listener.port }

  /// `HOST:PORT`.
  var endpoint: String { "127.0.0.1:\(port)" }

  /// Those that are to be waited for.
  var descriptors: [Int32] {
    [listener.descriptor] + connections.filter { !$0.isClosed }.map(\.descriptor)
  }

  /// Takes what has come; never waits.
  ///
  /// - Returns: the requests that are whole with it.
  func receive() -> [(ClientConnection, ServedRequest)] {
    while let connection = listener.accept(bodyLimit: bodyLimit) { connections.append(connection) }
    var requests: [(ClientConnection, ServedRequest)] = []
    for connection in connections {
      for request in connection.receive() { requests.append((connection, request)) }
    }
    connections.removeAll(where: \.isClosed)
    return requests
  }
}
