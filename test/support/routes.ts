/** Every route that the service has, from the controllers themselves, so that no test forgets a new one. */
import type { NestExpressApplication } from '@nestjs/platform-express';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { RequestMethod } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ACCESS_DECLARATION, type AccessDeclaration } from '../../src/access/declarations.js';

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As declared: "/api/v1/clients/:code". */
  path: string;
  handler: string;
  declaration: AccessDeclaration | undefined;
}

export function routesOf(app: NestExpressApplication): Route[] {
  const reflector = app.get(Reflector);
  const routes = app
    .get(DiscoveryService, { strict: false })
    .getControllers()
    .flatMap(({ instance, metatype }) => {
      if (!instance || !metatype) return [];
      const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
      const base = pathsIn(metatype)[0] ?? '';
      return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
        const handler = prototype[name] as () => unknown;
        return pathsIn(handler).map((path) => ({
          method: RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod] as Route['method'],
          path: `/${[base, path]
            .map((part) => part.replace(/^\/|\/$/g, ''))
            .filter(Boolean)
            .join('/')}`,
          handler: `${metatype.name}.${name}`,
          declaration: reflector.getAllAndOverride<AccessDeclaration | undefined>(ACCESS_DECLARATION, [
            handler,
            metatype,
          ]),
        }));
      });
    });
  return [...new Map(routes.map((route) => [`${route.method} ${route.path}`, route])).values()];
}

function pathsIn(target: object): string[] {
  const path = Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined;
  return path === undefined ? [] : [path].flat();
}
