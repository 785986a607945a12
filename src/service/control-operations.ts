/** Who answers which operation of the control plane. */
import * as aliases from "./aliases/aliases.ts";
import * as provisioned from "./concurrency/provisioned.ts";
import * as reserved from "./concurrency/reserved.ts";
import type { ControlOperation } from "./control-operation.ts";
import * as eventInvoke from "./event-invoke/event-invoke-configs.ts";
import * as functionUrls from "./function-urls/function-url-configs.ts";
import { createFunction } from "./functions/create-function.ts";
import { deleteFunction } from "./functions/delete-function.ts";
import { getFunction, getFunctionConfiguration, listFunctions } from "./functions/read-functions.ts";
import { updateFunctionCode, updateFunctionConfiguration } from "./functions/update-function.ts";
import * as layerPolicies from "./layers/layer-policies.ts";
import * as layers from "./layers/layers.ts";
import type { ControlOperationName, Input } from "./model/operations.ts";
import * as policies from "./policies/function-policies.ts";
import * as runtimeSettings from "./runtime-settings/runtime-settings.ts";
import * as tags from "./tags/tags.ts";
import { listVersionsByFunction, publishVersion } from "./versions/publish-version.ts";

export const operationsByName: { readonly [Name in ControlOperationName]: ControlOperation<Input<Name>> } = {
  CreateFunction: createFunction,
  GetFunction: getFunction,
  GetFunctionConfiguration: getFunctionConfiguration,
  ListFunctions: listFunctions,
  DeleteFunction: deleteFunction,
  UpdateFunctionCode: updateFunctionCode,
  UpdateFunctionConfiguration: updateFunctionConfiguration,
  PublishVersion: publishVersion,
  ListVersionsByFunction: listVersionsByFunction,
  CreateAlias: aliases.createAlias,
  GetAlias: aliases.getAlias,
  ListAliases: aliases.listAliases,
  UpdateAlias: aliases.updateAlias,
  DeleteAlias: aliases.deleteAlias,
  PublishLayerVersion: layers.publishLayerVersion,
  GetLayerVersion: layers.getLayerVersion,
  GetLayerVersionByArn: layers.getLayerVersionByArn,
  ListLayers: layers.listLayers,
  ListLayerVersions: layers.listLayerVersions,
  DeleteLayerVersion: layers.deleteLayerVersion,
  AddLayerVersionPermission: layerPolicies.addLayerVersionPermission,
  GetLayerVersionPolicy: layerPolicies.getLayerVersionPolicy,
  RemoveLayerVersionPermission: layerPolicies.removeLayerVersionPermission,
  GetAccountSettings: reserved.getAccountSettings,
  PutFunctionConcurrency: reserved.putFunctionConcurrency,
  GetFunctionConcurrency: reserved.getFunctionConcurrency,
  DeleteFunctionConcurrency: reserved.deleteFunctionConcurrency,
  PutProvisionedConcurrencyConfig: provisioned.putProvisionedConcurrencyConfig,
  GetProvisionedConcurrencyConfig: provisioned.getProvisionedConcurrencyConfig,
  DeleteProvisionedConcurrencyConfig: provisioned.deleteProvisionedConcurrencyConfig,
  ListProvisionedConcurrencyConfigs: provisioned.listProvisionedConcurrencyConfigs,
  PutFunctionEventInvokeConfig: eventInvoke.putFunctionEventInvokeConfig,
  UpdateFunctionEventInvokeConfig: eventInvoke.updateFunctionEventInvokeConfig,
  GetFunctionEventInvokeConfig: eventInvoke.getFunctionEventInvokeConfig,
  DeleteFunctionEventInvokeConfig: eventInvoke.deleteFunctionEventInvokeConfig,
  ListFunctionEventInvokeConfigs: eventInvoke.listFunctionEventInvokeConfigs,
  CreateFunctionUrlConfig: functionUrls.createFunctionUrlConfig,
  UpdateFunctionUrlConfig: functionUrls.updateFunctionUrlConfig,
  GetFunctionUrlConfig: functionUrls.getFunctionUrlConfig,
  DeleteFunctionUrlConfig: functionUrls.deleteFunctionUrlConfig,
  ListFunctionUrlConfigs: functionUrls.listFunctionUrlConfigs,
  AddPermission: policies.addPermission,
  GetPolicy: policies.getPolicy,
  RemovePermission: policies.removePermission,
  TagResource: tags.tagResource,
  ListTags: tags.listTags,
  UntagResource: tags.untagResource,
  GetFunctionCodeSigningConfig: runtimeSettings.getFunctionCodeSigningConfig,
  GetRuntimeManagementConfig: runtimeSettings.getRuntimeManagementConfig,
  PutRuntimeManagementConfig: runtimeSettings.putRuntimeManagementConfig,
  GetFunctionRecursionConfig: runtimeSettings.getFunctionRecursionConfig,
  PutFunctionRecursionConfig: runtimeSettings.putFunctionRecursionConfig,
  ListEventSourceMappings: runtimeSettings.listEventSourceMappings,
  GetEventSourceMapping: runtimeSettings.getEventSourceMapping,
  ListCodeSigningConfigs: runtimeSettings.listCodeSigningConfigs,
};
