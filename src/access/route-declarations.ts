/** At start, looks at every route and refuses to go on when one does not declare who may call it. */
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ACCESS_DECLARATION, type AccessDeclaration } from './declarations.js';

export interface DeclaredRoute {
  handler: string;
  declaration: AccessDeclaration | undefined;
}

@Injectable()
export class RouteDeclarations implements OnApplicationBootstrap {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onApplicationBootstrap(): void {
    const undeclared = this.all().filter((route) => !route.declaration);
    if (undeclared.length > 0) {
      throw new Error(
        `Routes that do not declare who may call them: ${undeclared.map((route) => route.handler).join(', ')}`,
      );
    }
  }

  all(): DeclaredRoute[] {
    return this.discovery.getControllers().flatMap(({ instance, metatype }) => {
      if (!instance || !metatype) return [];
      const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
      return this.scanner
        .getAllMethodNames(prototype)
        .filter((name) => Reflect.hasMetadata(PATH_METADATA, prototype[name] as object))
        .map((name) => ({
          handler: `${metatype.name}.${name}`,
          declaration: this.reflector.getAllAndOverride<AccessDeclaration | undefined>(ACCESS_DECLARATION, [
            prototype[name] as () => unknown,
            metatype,
          ]),
        }));
    });
  }
}
