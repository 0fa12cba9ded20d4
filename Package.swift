// swift-tools-version: 6.2

import PackageDescription

let package = Package(
  name: "PoolTable",
  products: [
    .executable(name: "bootstrap", targets: ["bootstrap"]),
    .executable(name: "pooltable", targets: ["CommandLine"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
  ],
  targets: [
    .systemLibrary(
      name: "CLibPQ",
      pkgConfig: "libpq",
      providers: [.apt(["libpq-dev"])]
    ),
    .systemLibrary(
      name: "CLibCurl",
      pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"])]
    ),
    // Not swift-crypto: libpq brings OpenSSL anyway, and a second library would double the zip.
    .systemLibrary(
      name: "CLibCrypto",
      pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"])]
    ),

    // Only for pooltable: listings are kept packed.
    .systemLibrary(name: "CLibZ", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    .target(name: "Deadline"),
    .target(name: "JSON"),
    .target(name: "Postgres", dependencies: ["CLibPQ", "Deadline"]),
    .target(name: "HTTP", dependencies: ["CLibCurl", "Deadline"]),
    .target(name: "LambdaRuntime", dependencies: ["HTTP", "JSON", "Deadline"]),
    .target(name: "CognitoTriggers", dependencies: ["JSON"]),
    .target(name: "CognitoAPI", dependencies: ["HTTP", "JSON", "Deadline"]),
    .target(name: "CognitoPush", dependencies: ["CognitoAPI", "Postgres", "Deadline"]),
    .target(
      name: "UserSync",
      dependencies: [
        "CognitoPush", "CognitoAPI", "CognitoTriggers", "LambdaRuntime", "HTTP", "Postgres", "JSON",
        "Deadline", "CLibCrypto",
      ]
    ),
    .executableTarget(name: "bootstrap", dependencies: ["UserSync"]),

    .target(
      name: "SchemaMigrations",
      dependencies: ["Postgres", "Deadline"],
      resources: [.embedInCode("SQL")]
    ),
    .target(
      name: "Reconciliation",
      dependencies: [
        "CLibZ", "UserSync", "CognitoAPI", "CognitoTriggers", "Postgres", "JSON", "Deadline",
      ]
    ),
    .target(name: "LocalRuntime", dependencies: ["Deadline"]),
    .executableTarget(
      name: "CommandLine",
      dependencies: [
        "SchemaMigrations", "Reconciliation", "LocalRuntime", "UserSync", "CognitoTriggers",
        "CognitoPush", "CognitoAPI", "Postgres", "Deadline",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]
    ),

    .target(
      name: "TestSupport",
      dependencies: [
        "LocalRuntime", "SchemaMigrations", "CognitoAPI", "HTTP", "Postgres", "JSON", "Deadline",
      ],
      path: "Tests/TestSupport"
    ),
    .testTarget(name: "DeadlineTests", dependencies: ["Deadline"]),
    .testTarget(name: "JSONTests", dependencies: ["JSON", "TestSupport"]),
    .testTarget(name: "PostgresTests", dependencies: ["Postgres", "TestSupport"]),
    .testTarget(name: "HTTPTests", dependencies: ["HTTP", "TestSupport", "Deadline"]),
    .testTarget(
      name: "LambdaRuntimeTests",
      dependencies: ["LambdaRuntime", "HTTP", "Deadline", "TestSupport"]
    ),
    .testTarget(
      name: "CognitoTriggersTests", dependencies: ["CognitoTriggers", "JSON", "TestSupport"]),
    .testTarget(
      name: "CognitoAPITests",
      dependencies: ["CognitoAPI", "HTTP", "JSON", "Deadline", "TestSupport"]),
    .testTarget(
      name: "CognitoPushTests", dependencies: ["CognitoPush", "CognitoAPI", "TestSupport"]),
    .testTarget(name: "UserSyncTests", dependencies: ["UserSync", "TestSupport"]),
    .testTarget(name: "SchemaMigrationsTests", dependencies: ["SchemaMigrations", "TestSupport"]),
    .testTarget(
      name: "ReconciliationTests",
      dependencies: [
        "Reconciliation", "CognitoAPI", "CognitoTriggers", "UserSync", "Postgres", "JSON",
        "Deadline",
        "TestSupport",
      ]),
    .testTarget(name: "LocalRuntimeTests", dependencies: ["LocalRuntime", "Deadline"]),
    .testTarget(
      name: "BootstrapTests",
      dependencies: ["bootstrap", "UserSync", "CognitoAPI", "TestSupport"]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: ["CommandLine", "CognitoPush", "Reconciliation", "bootstrap", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
