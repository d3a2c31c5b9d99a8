// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The cheat codes of Hardhat's test runner that these tests use.
interface Vm {
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);

    function chainId(uint256 id) external;
    function deal(address account, uint256 balance) external;
    function etch(address account, bytes calldata code) external;
    function expectRevert(bytes calldata reason) external;
    function prank(address sender) external;
    function warp(uint256 time) external;

    function readFile(string calldata path) external view returns (string memory);
    function toString(uint256 value) external pure returns (string memory);
    function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
    function parseJsonAddress(string calldata json, string calldata key) external pure returns (address);
    function parseJsonAddressArray(string calldata json, string calldata key) external pure returns (address[] memory);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32);
    function parseJsonBytes32Array(string calldata json, string calldata key) external pure returns (bytes32[] memory);
    function parseJsonString(string calldata json, string calldata key) external pure returns (string memory);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);

    function assertEq(address left, address right, string calldata about) external pure;
    function assertEq(bytes32 left, bytes32 right, string calldata about) external pure;
    function assertEq(uint256 left, uint256 right, string calldata about) external pure;
    function assertGe(uint256 left, uint256 right, string calldata about) external pure;
    function assertLe(uint256 left, uint256 right, string calldata about) external pure;
    function assertLt(uint256 left, uint256 right, string calldata about) external pure;
    function assertTrue(bool condition, string calldata about) external pure;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
