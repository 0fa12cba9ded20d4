import Clock
import Foundation
import LocalLambda

/// A server in Python on loopback, as a process of its own; it ends with this process.
final class PythonServer: @unchecked Sendable {
  let port: Int
  /// Touched by `init` and `deinit` only.
  private let process: BootstrapProcess

  /// - Parameters:
  ///   - script: says its port in a line of its own on standard error, by `ready(port)`, and serves.
  ///   - files: written to a folder that goes when the server is ready; their paths are its arguments,
  ///     after `arguments`.
  init(_ name: String, script: String, arguments: [String] = [], files: [Data] = []) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-\(name)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    // Read before the port is known.
    defer { try? FileManager.default.removeItem(at: folder) }
    var paths: [String] = []
    for (index, data) in files.enumerated() {
      let file = folder.appendingPathComponent("\(index)")
      try data.write(to: file)
      paths.append(file.path)
    }
    process = try BootstrapProcess(
      executable: try TestEnvironment.variable("POOLTABLE_TEST_PYTHON"),
      arguments: ["-c", Self.opening + script] + arguments + paths,
      environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path])
    let deadline = Deadline.after(.seconds(60))
    var port: Int?
    while port == nil, !deadline.hasPassed, process.exitStatus == nil {
      Deadline.after(.milliseconds(10)).sleep()
      process.readLog()
      let lines = String(decoding: process.log, as: UTF8.self).components(separatedBy: "\n")
      port = lines.dropLast().compactMap { Int($0) }.first
    }
    guard let port else {
      throw TestEnvironment.Missing(
        description: "\(name) does not start: \(String(decoding: process.log, as: UTF8.self))")
    }
    self.port = port
  }

  /// Ends with the process that started it, however that ended; says its port, and nothing after it.
  private static let opening = """
    import os, socket, ssl, sys, threading, time
    parent = os.getppid()
    def watch():
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(0)
    threading.Thread(target=watch, daemon=True).start()
    def ready(port):
        print(port, file=sys.stderr, flush=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)

    """
}

/// Stands in front of a PostgreSQL server that knows no TLS, and speaks it to clients.
public final class TLSRelay: Sendable {
  public var port: Int { server.port }
  private let server: PythonServer

  public init(to port: Int) throws {
    let (certificate, key) = try TestCertificates().server(host: "localhost")
    server = try PythonServer(
      "tls", script: Self.script, arguments: ["\(port)"], files: [certificate, key])
  }

  private static let script = """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    def copy(source, target):
        try:
            while chunk := source.recv(65536):
                target.sendall(chunk)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
    def serve(client):
        # SSLRequest: its length, and its code.
        if client.recv(8, socket.MSG_WAITALL) != bytes([0, 0, 0, 8, 4, 210, 22, 47]):
            return client.close()
        client.sendall(b"S")
        client = context.wrap_socket(client, server_side=True)
        database = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        threading.Thread(target=copy, args=(database, client), daemon=True).start()
        copy(client, database)
    listener = socket.create_server(("127.0.0.1", 0))
    ready(listener.getsockname()[1])
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
    """
}
